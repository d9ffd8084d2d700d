// SPDX-License-Identifier: GPL-2.0-only
/*
 * Clocks.
 *
 *	enable	1 prepares and enables once more, 0 takes one back; read: how
 *		often this device has it enabled
 *	rate	in hertz
 *	round	a rate in hertz; read: the rate that the clock would get
 *	parent	the name of another clock of this device; read: the parent's
 *		name in the clock tree
 *	duty	in per cent
 *	phase	in degrees
 */

#include <linux/clk.h>
#include <linux/clk-provider.h>
#include <linux/debugfs.h>
#include <linux/device.h>
#include <linux/seq_file.h>

#include "consumer.h"

struct clock {
	struct consumer *consumer;
	struct clk *clk;
	const char *name;
	unsigned int enables;
	unsigned long asked;
};

static int enable_set(void *data, u64 value)
{
	struct clock *clock = data;
	int error = 0;

	mutex_lock(&clock->consumer->lock);
	if (value) {
		error = clk_prepare_enable(clock->clk);
		if (!error)
			clock->enables++;
	} else if (clock->enables) {
		clk_disable_unprepare(clock->clk);
		clock->enables--;
	} else {
		error = -EINVAL;
	}
	mutex_unlock(&clock->consumer->lock);
	return error;
}

static int enable_get(void *data, u64 *value)
{
	struct clock *clock = data;

	*value = clock->enables;
	return 0;
}
DEFINE_DEBUGFS_ATTRIBUTE(enable_fops, enable_get, enable_set, "%llu\n");

static int rate_set(void *data, u64 value)
{
	struct clock *clock = data;

	return clk_set_rate(clock->clk, value);
}

static int rate_get(void *data, u64 *value)
{
	struct clock *clock = data;

	*value = clk_get_rate(clock->clk);
	return 0;
}
DEFINE_DEBUGFS_ATTRIBUTE(rate_fops, rate_get, rate_set, "%llu\n");

static int round_set(void *data, u64 value)
{
	struct clock *clock = data;

	clock->asked = value;
	return 0;
}

static int round_get(void *data, u64 *value)
{
	struct clock *clock = data;
	long rate = clk_round_rate(clock->clk, clock->asked);

	if (rate < 0)
		return rate;
	*value = rate;
	return 0;
}
DEFINE_DEBUGFS_ATTRIBUTE(round_fops, round_get, round_set, "%llu\n");

static int duty_set(void *data, u64 value)
{
	struct clock *clock = data;

	return clk_set_duty_cycle(clock->clk, value, 100);
}

static int duty_get(void *data, u64 *value)
{
	struct clock *clock = data;
	int duty = clk_get_scaled_duty_cycle(clock->clk, 100);

	if (duty < 0)
		return duty;
	*value = duty;
	return 0;
}
DEFINE_DEBUGFS_ATTRIBUTE(duty_fops, duty_get, duty_set, "%llu\n");

static int phase_set(void *data, u64 value)
{
	struct clock *clock = data;

	return clk_set_phase(clock->clk, value);
}

static int phase_get(void *data, u64 *value)
{
	struct clock *clock = data;
	int phase = clk_get_phase(clock->clk);

	if (phase < 0)
		return phase;
	*value = phase;
	return 0;
}
DEFINE_DEBUGFS_ATTRIBUTE(phase_fops, phase_get, phase_set, "%llu\n");

static int parent_show(struct seq_file *file, void *unused)
{
	struct clock *clock = file->private;
	struct clk *parent = clk_get_parent(clock->clk);

	if (IS_ERR_OR_NULL(parent))
		return parent ? PTR_ERR(parent) : -ENOENT;
	seq_printf(file, "%s\n", __clk_get_name(parent));
	return 0;
}

static ssize_t parent_write(struct file *file, const char __user *text,
			    size_t length, loff_t *offset)
{
	struct clock *clock = ((struct seq_file *)file->private_data)->private;
	struct consumer *consumer = clock->consumer;
	char name[WORD_SIZE];
	int error, i;

	error = consumer_word(text, length, name);
	if (error)
		return error;
	for (i = 0; i < consumer->clock_count; i++) {
		struct clock *parent = &consumer->clocks[i];

		if (strcmp(parent->name, name))
			continue;
		error = clk_set_parent(clock->clk, parent->clk);
		return error ? error : length;
	}
	return -ENOENT;
}
DEFINE_SHOW_STORE_ATTRIBUTE(parent);

/* A driver that goes gives back what it took. */
static void disable_all(void *data)
{
	struct clock *clock = data;

	for (; clock->enables; clock->enables--)
		clk_disable_unprepare(clock->clk);
}

static int add_clock(struct consumer *consumer, struct clock *clock,
		     const char *name, struct dentry *above)
{
	struct dentry *dir;

	clock->consumer = consumer;
	clock->name = name;
	clock->clk = devm_clk_get(consumer->dev, name);
	if (IS_ERR(clock->clk))
		return PTR_ERR(clock->clk);

	dir = debugfs_create_dir(name, above);
	debugfs_create_file("enable", 0600, dir, clock, &enable_fops);
	debugfs_create_file("rate", 0600, dir, clock, &rate_fops);
	debugfs_create_file("round", 0600, dir, clock, &round_fops);
	debugfs_create_file("parent", 0600, dir, clock, &parent_fops);
	debugfs_create_file("duty", 0600, dir, clock, &duty_fops);
	debugfs_create_file("phase", 0600, dir, clock, &phase_fops);
	return devm_add_action_or_reset(consumer->dev, disable_all, clock);
}

int consumer_add_clocks(struct consumer *consumer)
{
	int count = consumer_count(consumer, "clock-names");
	struct dentry *dir;
	int error = 0, i;

	if (!count)
		return 0;
	consumer->clocks = devm_kcalloc(consumer->dev, count,
					sizeof(*consumer->clocks), GFP_KERNEL);
	if (!consumer->clocks)
		return -ENOMEM;
	dir = debugfs_create_dir("clocks", consumer->dir);
	for (i = 0; i < count && !error; i++)
		error = add_clock(consumer, &consumer->clocks[i],
				  consumer_name(consumer, "clock-names", i), dir);
	/* From now on a clock can be another one's parent. */
	consumer->clock_count = i;
	return error;
}
