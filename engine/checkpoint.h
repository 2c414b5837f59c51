/* SPDX-License-Identifier: Apache-2.0 */
/* What a committed batch means to the journal of a run (io/journal.h). */
#ifndef SP_ENGINE_CHECKPOINT_H
#define SP_ENGINE_CHECKPOINT_H

#include "engine/pass.h"

/*
 * Adds the batch, which is written to every stream, to the journal, and records
 * it when that is due: at once when messages wait for their names in a Maildir.
 */
enum sp_status sp_checkpoint(struct sp_run *run, const struct sp_batch *batch,
	struct sp_error *error) __attribute__((warn_unused_result));

/* What deliveries of the batch carry in their names; its index is not set. */
struct sp_maildir_mark sp_checkpoint_mark(
	const struct sp_run *run, const struct sp_batch *batch);

#endif
