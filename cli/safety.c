/* SPDX-License-Identifier: Apache-2.0 */
/* Options for outputs that must outlive a power cut (docs/DESIGN.md). */
#include "cli/common.h"
#include "io/syncer.h"

static const char *const durability_names[] = {
	[SP_DURABILITY_NONE] = "none",
	[SP_DURABILITY_BATCH] = "batch",
	[SP_DURABILITY_MESSAGE] = "message",
	NULL,
};

#define COMMON(field) .offset = offsetof(struct sp_common, field)

const struct sp_option sp_safety_options[] = {
	{.name = "durability",
		.argument = "WHEN",
		.help = "when output is synced to disk: batch (default: "
			"before it gets its final name, many messages at "
			"once), message (one by one), none (a power cut may "
			"lose it)",
		.kind = SP_OPTION_CHOICE,
		COMMON(durability),
		.choices = durability_names},
	{.name = NULL},
};
