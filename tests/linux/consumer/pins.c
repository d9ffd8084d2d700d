// SPDX-License-Identifier: GPL-2.0-only
/*
 * Pins.
 *
 *	pins	the name of one of the device's pin states; read: the one that
 *		was selected last
 *
 * The state called "default" is selected before the driver is asked.
 */

#include <linux/debugfs.h>
#include <linux/device.h>
#include <linux/pinctrl/consumer.h>
#include <linux/seq_file.h>

#include "consumer.h"

static int pins_show(struct seq_file *file, void *unused)
{
	struct consumer *consumer = file->private;

	mutex_lock(&consumer->lock);
	seq_printf(file, "%s\n", consumer->state);
	mutex_unlock(&consumer->lock);
	return 0;
}

static int select_state(struct consumer *consumer, const char *name)
{
	struct pinctrl *pins = pinctrl_get(consumer->dev);
	struct pinctrl_state *state;
	int error;

	if (IS_ERR(pins))
		return PTR_ERR(pins);
	state = pinctrl_lookup_state(pins, name);
	error = IS_ERR(state) ? PTR_ERR(state) : pinctrl_select_state(pins, state);
	if (!error)
		strscpy(consumer->state, name);
	/* The device has it still, so this ends nothing. */
	pinctrl_put(pins);
	return error;
}

static ssize_t pins_write(struct file *file, const char __user *text,
			  size_t length, loff_t *offset)
{
	struct seq_file *seq = file->private_data;
	struct consumer *consumer = seq->private;
	char name[WORD_SIZE];
	int error = consumer_word(text, length, name);

	if (error)
		return error;
	mutex_lock(&consumer->lock);
	error = select_state(consumer, name);
	mutex_unlock(&consumer->lock);
	return error ? error : length;
}
DEFINE_SHOW_STORE_ATTRIBUTE(pins);

int consumer_add_pins(struct consumer *consumer)
{
	struct pinctrl *pins;

	if (!consumer_count(consumer, "pinctrl-names"))
		return 0;
	/* Kept as long as the driver is bound. */
	pins = devm_pinctrl_get(consumer->dev);
	if (IS_ERR(pins))
		return PTR_ERR(pins);
	if (!IS_ERR(pinctrl_lookup_state(pins, PINCTRL_STATE_DEFAULT)))
		strscpy(consumer->state, PINCTRL_STATE_DEFAULT);
	debugfs_create_file("pins", 0600, consumer->dir, consumer, &pins_fops);
	return 0;
}
