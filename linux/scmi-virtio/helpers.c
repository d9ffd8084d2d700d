// SPDX-License-Identifier: GPL-2.0
#include <linux/kconfig.h>
#include <linux/module.h>
#include <linux/virtio_config.h>

#include "helpers.h"

unsigned long scmi_virtio_lock(spinlock_t *lock)
{
	unsigned long before;

	spin_lock_irqsave(lock, before);
	return before;
}

void scmi_virtio_unlock(spinlock_t *lock, unsigned long before)
{
	spin_unlock_irqrestore(lock, before);
}

void scmi_virtio_device_ready(struct virtio_device *vdev)
{
	virtio_device_ready(vdev);
}

/*
 * What Kconfig decides for the kernel's own transport. Where that is not
 * configured at all, the defaults are those of its Kconfig.
 */
static bool atomic = IS_ENABLED(CONFIG_ARM_SCMI_TRANSPORT_VIRTIO_ATOMIC_ENABLE);
module_param(atomic, bool, 0444);
MODULE_PARM_DESC(atomic, "calls may be made where nobody may sleep");

static bool version_1 =
	!IS_ENABLED(CONFIG_ARM_SCMI_TRANSPORT_VIRTIO) ||
	IS_ENABLED(CONFIG_ARM_SCMI_TRANSPORT_VIRTIO_VERSION1_COMPLIANCE);
module_param(version_1, bool, 0444);
MODULE_PARM_DESC(version_1, "devices older than version 1 of virtio are refused");

static bool force_polling;
module_param(force_polling, bool, 0444);
MODULE_PARM_DESC(force_polling, "every call spins for its answer; for tests");

bool scmi_virtio_atomic(void)
{
	return atomic;
}

bool scmi_virtio_version_1(void)
{
	return version_1;
}

bool scmi_virtio_force_polling(void)
{
	return force_polling;
}
