/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SCMI_TEST_CONSUMER_H
#define SCMI_TEST_CONSUMER_H

#include <linux/mutex.h>
#include <linux/types.h>

struct clock;
struct dentry;
struct device;

/* Longest name that can be written to a file. */
#define WORD_SIZE 64

/* A device that uses what the platform gives. */
struct consumer {
	struct device *dev;
	/* Its directory in debugfs. */
	struct dentry *dir;
	/* Held while something is counted or selected. */
	struct mutex lock;
	struct clock *clocks;
	int clock_count;
	/* The name of the pin state that was selected last. */
	char state[WORD_SIZE];
};

/*
 * Each takes the resources of one kind that the device tree names, and makes
 * their files. None of the kind is no error.
 */
int consumer_add_clocks(struct consumer *consumer);
int consumer_add_domains(struct consumer *consumer);
int consumer_add_pins(struct consumer *consumer);
int consumer_add_resets(struct consumer *consumer);

/* How many names a property like "clock-names" has; 0 if it is not there. */
int consumer_count(struct consumer *consumer, const char *property);

/* The name at a position in such a property; NULL if there is none. */
const char *consumer_name(struct consumer *consumer, const char *property,
			  int index);

/* What was written to a file, without the newline. Returns 0 or -errno. */
int consumer_word(const char __user *text, size_t length, char *word);

#endif
