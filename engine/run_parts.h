/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of a run share; not for other modules. */
#ifndef SP_ENGINE_RUN_PARTS_H
#define SP_ENGINE_RUN_PARTS_H

#include "engine/pass.h"

/*
 * Prepares what is written of a concluded batch. What goes to a Maildir is
 * written here, in parallel, and gets its name in the commit, in order: a run
 * that stops at a message has delivered what comes before it and nothing else.
 */
enum sp_status sp_run_put_out(struct sp_worker *worker, struct sp_batch *batch,
	struct sp_error *error) __attribute__((warn_unused_result));

/* Prepares the answers of a batch from a netstring stream. */
enum sp_status sp_run_answer(struct sp_worker *worker, struct sp_batch *batch)
	__attribute__((warn_unused_result));

/* The bytes of the batch that went to a Maildir. */
uint64_t sp_run_delivered(
	const struct sp_run *run, const struct sp_batch *batch);

/* Formats the records of a batch for every report. */
enum sp_status sp_run_format(const struct sp_run *run, struct sp_batch *batch)
	__attribute__((warn_unused_result));

/*
 * Gives a batch's Maildir messages their names, writes it to streams and
 * reports and counts it; batches come one at a time, in order. *bytes is what
 * was written. SP_STOPPED when the run ends with it.
 */
enum sp_status sp_run_commit(struct sp_run *run, struct sp_batch *batch,
	uint64_t *bytes, struct sp_error *error)
	__attribute__((warn_unused_result));

#endif
