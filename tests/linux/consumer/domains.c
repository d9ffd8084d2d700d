// SPDX-License-Identifier: GPL-2.0-only
/*
 * Power and performance domains.
 *
 *	on		1 keeps the device in the domain running once more, 0
 *			takes one back; read: how often it is kept running
 *	performance	a state of the domain
 *	frequency	in hertz, of a domain that has operating points
 *
 * A device in one domain is put into it by the driver core. Of several domains
 * none is the device's own: each gets a device that stands for it.
 */

#include <linux/debugfs.h>
#include <linux/device.h>
#include <linux/pm_domain.h>
#include <linux/pm_opp.h>
#include <linux/pm_runtime.h>

#include "consumer.h"

struct domain {
	struct consumer *consumer;
	/* The device that is in the domain. */
	struct device *dev;
	unsigned int uses;
};

static int on_set(void *data, u64 value)
{
	struct domain *domain = data;
	int error = 0;

	mutex_lock(&domain->consumer->lock);
	if (value) {
		error = pm_runtime_resume_and_get(domain->dev);
		if (!error)
			domain->uses++;
	} else if (domain->uses) {
		domain->uses--;
		error = pm_runtime_put_sync(domain->dev);
	} else {
		error = -EINVAL;
	}
	mutex_unlock(&domain->consumer->lock);
	return error < 0 ? error : 0;
}

static int on_get(void *data, u64 *value)
{
	struct domain *domain = data;

	*value = domain->uses;
	return 0;
}
DEFINE_DEBUGFS_ATTRIBUTE(on_fops, on_get, on_set, "%llu\n");

static int performance_set(void *data, u64 value)
{
	struct domain *domain = data;

	return dev_pm_genpd_set_performance_state(domain->dev, value);
}
DEFINE_DEBUGFS_ATTRIBUTE(performance_fops, NULL, performance_set, "%llu\n");

static int frequency_set(void *data, u64 value)
{
	struct domain *domain = data;

	return dev_pm_opp_set_rate(domain->dev, value);
}
DEFINE_DEBUGFS_ATTRIBUTE(frequency_fops, NULL, frequency_set, "%llu\n");

/* A driver that goes gives back what it took. */
static void put_all(void *data)
{
	struct domain *domain = data;

	for (; domain->uses; domain->uses--)
		pm_runtime_put_sync(domain->dev);
}

static int add_domain(struct consumer *consumer, struct device *dev,
		      const char *name, struct dentry *above)
{
	struct domain *domain;
	struct dentry *dir;

	domain = devm_kzalloc(consumer->dev, sizeof(*domain), GFP_KERNEL);
	if (!domain)
		return -ENOMEM;
	domain->consumer = consumer;
	domain->dev = dev;

	dir = debugfs_create_dir(name, above);
	debugfs_create_file("on", 0600, dir, domain, &on_fops);
	debugfs_create_file("performance", 0200, dir, domain, &performance_fops);
	debugfs_create_file("frequency", 0200, dir, domain, &frequency_fops);
	return devm_add_action_or_reset(consumer->dev, put_all, domain);
}

static int attach_all(struct consumer *consumer, int count,
		      struct dev_pm_domain_list **list)
{
	struct dev_pm_domain_attach_data data = {
		.num_pd_names = count,
		/* The domains are switched one by one, not with the device. */
		.pd_flags = PD_FLAG_NO_DEV_LINK,
	};
	const char **names;
	int i;

	names = devm_kcalloc(consumer->dev, count, sizeof(*names), GFP_KERNEL);
	if (!names)
		return -ENOMEM;
	for (i = 0; i < count; i++)
		names[i] = consumer_name(consumer, "power-domain-names", i);
	data.pd_names = names;
	i = devm_pm_domain_attach_list(consumer->dev, &data, list);
	return i < 0 ? i : 0;
}

int consumer_add_domains(struct consumer *consumer)
{
	int count = consumer_count(consumer, "power-domain-names");
	struct dev_pm_domain_list *list = NULL;
	struct dentry *dir;
	int error = 0, i;

	if (!count)
		return 0;
	if (count > 1)
		error = attach_all(consumer, count, &list);
	else
		error = devm_pm_runtime_enable(consumer->dev);
	if (error)
		return error;

	dir = debugfs_create_dir("domains", consumer->dir);
	for (i = 0; i < count && !error; i++)
		error = add_domain(consumer,
				   list ? list->pd_devs[i] : consumer->dev,
				   consumer_name(consumer, "power-domain-names", i),
				   dir);
	return error;
}
