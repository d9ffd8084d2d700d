/* SPDX-License-Identifier: GPL-2.0 */
/* What Rust cannot call, because it is a macro or inline in the kernel's headers. */
#ifndef SCMI_VIRTIO_HELPERS_H
#define SCMI_VIRTIO_HELPERS_H

#include <linux/spinlock.h>
#include <linux/types.h>
#include <linux/virtio.h>

/* Locks with interrupts off, and says what they were before. */
unsigned long scmi_virtio_lock(spinlock_t *lock);
void scmi_virtio_unlock(spinlock_t *lock, unsigned long before);

void scmi_virtio_device_ready(struct virtio_device *vdev);

/* The module's parameters. */
bool scmi_virtio_atomic(void);
bool scmi_virtio_force_polling(void);
bool scmi_virtio_version_1(void);

#endif
