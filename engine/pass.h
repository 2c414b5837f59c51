/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What signing and verifying have in common as runs over a source, and where
 * they differ (engine/run_sign.c, engine/run_verify.c).
 */
#ifndef SP_ENGINE_PASS_H
#define SP_ENGINE_PASS_H

#include "engine/output.h"
#include "engine/stages.h"

/* What one worker needs of its own. */
struct sp_worker {
	struct sp_run *run;
	struct sp_stages stages;
	struct sp_reader *reader;
	struct sp_syncer *syncer;
	char *piece; /* SP_PIECE_BYTES, for large messages */
	/* What its parts have counted, as far as the run has it. */
	uint64_t faults;
	struct sp_repeats_stats repeats;
};

/* The worker's stopwatch, which the stages use too. */
static inline struct sp_meter *sp_worker_meter(struct sp_worker *worker)
{
	return &worker->stages.meter;
}

struct sp_run;

struct sp_pass {
	/* Reads the entry and says what is wanted of its body. */
	enum sp_status (*begin)(struct sp_run *run, struct sp_batch *batch,
		struct sp_entry *entry, struct sp_error *error);
	/* The body digests that begin() asked for. */
	struct sp_body_digest *(*bodies)(struct sp_entry *entry, size_t *count);
	/*
	 * Carries the batch's readable entries through the stages. *parked set:
	 * as far as is possible without keys that are on their way; then
	 * resume() does the rest, perhaps at once in another worker.
	 */
	enum sp_status (*stages)(struct sp_run *run, struct sp_worker *worker,
		struct sp_batch *batch, bool *parked, struct sp_error *error);
	enum sp_status (*resume)(struct sp_run *run, struct sp_worker *worker,
		struct sp_batch *batch, struct sp_error *error);
	/*
	 * Settles the entry: its reason, what is written of it, and whether the
	 * run ends with it (then *last).
	 */
	enum sp_status (*conclude)(struct sp_run *run, struct sp_worker *worker,
		struct sp_batch *batch, struct sp_entry *entry, bool *last);
	/* Fills the part of a record that is the pass's own. */
	void (*record)(const struct sp_entry *entry, struct sp_record *record);
	/* Counts a finished entry; one call at a time. */
	void (*count)(struct sp_run_stats *stats, const struct sp_entry *entry);
};

struct sp_run {
	const struct sp_pass *pass;
	const struct sp_run_options *options;
	const struct sp_sign_run *sign; /* NULL when verifying */
	const struct sp_verify_run *verify; /* NULL when signing */
	struct sp_run_stats *stats;
	struct sp_output_stream out;
	int64_t now; /* for separator lines */
	struct sp_buffer name; /* owned; of a file, for the journal */
};

/* Runs the pass over the whole source. */
enum sp_status sp_pass_run(struct sp_run *run, struct sp_error *error)
	__attribute__((warn_unused_result));

/* Adds to a counter that others read while it grows. */
static inline void sp_count(atomic_uint_fast64_t *counter, uint64_t more)
{
	atomic_fetch_add_explicit(counter, more, memory_order_relaxed);
}

#endif
