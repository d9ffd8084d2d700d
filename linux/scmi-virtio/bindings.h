/* SPDX-License-Identifier: GPL-2.0 */
/* What bindgen reads. */

#include <linux/completion.h>
#include <linux/debugfs.h>
#include <linux/device.h>
#include <linux/platform_device.h>
#include <linux/scatterlist.h>
#include <linux/virtio.h>
#include <linux/virtio_config.h>
#include <linux/workqueue.h>
#include <uapi/linux/virtio_ids.h>
#include <uapi/linux/virtio_scmi.h>

#include "common.h"
#include "helpers.h"

/* An expression of statements in the header, which bindgen does not evaluate. */
const unsigned int RUST_CONST_HELPER_MSG_TOKEN_MAX =
	(MSG_TOKEN_ID_MASK >> __bf_shf(MSG_TOKEN_ID_MASK)) + 1;

const u32 RUST_CONST_HELPER_DL_FLAG_STATELESS = DL_FLAG_STATELESS;
