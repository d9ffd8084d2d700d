// SPDX-License-Identifier: GPL-2.0-only
/*
 * Resets.
 *
 *	assert	1 puts into reset, 0 lets go
 *	reset	any number: into reset and out of it
 *	status	read: 1 while in reset, if the provider can tell
 */

#include <linux/debugfs.h>
#include <linux/device.h>
#include <linux/reset.h>

#include "consumer.h"

static int assert_set(void *data, u64 value)
{
	return value ? reset_control_assert(data) : reset_control_deassert(data);
}
DEFINE_DEBUGFS_ATTRIBUTE(assert_fops, NULL, assert_set, "%llu\n");

static int reset_set(void *data, u64 value)
{
	return reset_control_reset(data);
}
DEFINE_DEBUGFS_ATTRIBUTE(reset_fops, NULL, reset_set, "%llu\n");

static int status_get(void *data, u64 *value)
{
	int status = reset_control_status(data);

	if (status < 0)
		return status;
	*value = status;
	return 0;
}
DEFINE_DEBUGFS_ATTRIBUTE(status_fops, status_get, NULL, "%llu\n");

static int add_reset(struct consumer *consumer, const char *name,
		     struct dentry *above)
{
	struct reset_control *reset;
	struct dentry *dir;

	reset = devm_reset_control_get_exclusive(consumer->dev, name);
	if (IS_ERR(reset))
		return PTR_ERR(reset);

	dir = debugfs_create_dir(name, above);
	debugfs_create_file("assert", 0200, dir, reset, &assert_fops);
	debugfs_create_file("reset", 0200, dir, reset, &reset_fops);
	debugfs_create_file("status", 0400, dir, reset, &status_fops);
	return 0;
}

int consumer_add_resets(struct consumer *consumer)
{
	int count = consumer_count(consumer, "reset-names");
	struct dentry *dir;
	int error = 0, i;

	if (!count)
		return 0;
	dir = debugfs_create_dir("resets", consumer->dir);
	for (i = 0; i < count && !error; i++)
		error = add_reset(consumer,
				  consumer_name(consumer, "reset-names", i), dir);
	return error;
}
