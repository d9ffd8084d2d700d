// SPDX-License-Identifier: GPL-2.0-only
/*
 * A driver that does nothing but use what an SCMI platform gives: clocks,
 * resets, power and performance domains, pins. Whoever writes to its files
 * does what a real driver does in its code.
 *
 *	/sys/kernel/debug/scmi-consumer/DEVICE/
 *		clocks/NAME/	enable rate round parent duty phase
 *		resets/NAME/	assert reset status
 *		domains/NAME/	on performance frequency
 *		pins
 *
 * A file that cannot do what it was asked fails with the kernel's error.
 */

#include <linux/debugfs.h>
#include <linux/module.h>
#include <linux/of.h>
#include <linux/platform_device.h>
#include <linux/uaccess.h>

#include "consumer.h"

static struct dentry *root;

int consumer_count(struct consumer *consumer, const char *property)
{
	int count = of_property_count_strings(consumer->dev->of_node, property);

	return count > 0 ? count : 0;
}

const char *consumer_name(struct consumer *consumer, const char *property,
			  int index)
{
	const char *name;
	int error = of_property_read_string_index(consumer->dev->of_node,
						  property, index, &name);

	return error ? NULL : name;
}

int consumer_word(const char __user *text, size_t length, char *word)
{
	if (length >= WORD_SIZE)
		return -ENAMETOOLONG;
	if (copy_from_user(word, text, length))
		return -EFAULT;
	word[length] = '\0';
	strim(word);
	return 0;
}

static int add_all(struct consumer *consumer)
{
	int error = consumer_add_clocks(consumer);

	if (!error)
		error = consumer_add_resets(consumer);
	if (!error)
		error = consumer_add_domains(consumer);
	if (!error)
		error = consumer_add_pins(consumer);
	return error;
}

static int consumer_probe(struct platform_device *pdev)
{
	struct device *dev = &pdev->dev;
	struct consumer *consumer;
	int error;

	consumer = devm_kzalloc(dev, sizeof(*consumer), GFP_KERNEL);
	if (!consumer)
		return -ENOMEM;
	consumer->dev = dev;
	mutex_init(&consumer->lock);
	platform_set_drvdata(pdev, consumer);

	consumer->dir = debugfs_create_dir(dev_name(dev), root);
	error = add_all(consumer);
	if (error) {
		debugfs_remove(consumer->dir);
		return dev_err_probe(dev, error, "cannot get all it wants\n");
	}
	return 0;
}

static void consumer_remove(struct platform_device *pdev)
{
	struct consumer *consumer = platform_get_drvdata(pdev);

	/* Before the resources go, which devres does after this. */
	debugfs_remove(consumer->dir);
}

static const struct of_device_id consumer_match[] = {
	{ .compatible = "scmi-test,consumer" },
	{ }
};
MODULE_DEVICE_TABLE(of, consumer_match);

static struct platform_driver consumer_driver = {
	.driver = {
		.name = "scmi-consumer",
		.of_match_table = consumer_match,
	},
	.probe = consumer_probe,
	.remove = consumer_remove,
};

static int __init consumer_init(void)
{
	int error;

	root = debugfs_create_dir("scmi-consumer", NULL);
	error = platform_driver_register(&consumer_driver);
	if (error)
		debugfs_remove(root);
	return error;
}
module_init(consumer_init);

static void __exit consumer_exit(void)
{
	platform_driver_unregister(&consumer_driver);
	debugfs_remove(root);
}
module_exit(consumer_exit);

MODULE_DESCRIPTION("Uses what an SCMI platform gives");
MODULE_LICENSE("GPL");
