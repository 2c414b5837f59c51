/* SPDX-License-Identifier: Apache-2.0 */
/* The last lines of a run: how many, with what outcome, how fast. */
#ifndef SP_CLI_SUMMARY_H
#define SP_CLI_SUMMARY_H

#include "engine/run.h"

/*
 * Appends lines, each with prefix in front. unreadable counts what the source
 * could not read and that therefore is no message.
 */
void sp_summary_sign(struct sp_buffer *out, const char *prefix,
	const struct sp_run_stats *stats, uint64_t unreadable,
	double elapsed_s);
void sp_summary_verify(struct sp_buffer *out, const char *prefix,
	const struct sp_run_stats *stats, uint64_t unreadable,
	double elapsed_s);

#endif
