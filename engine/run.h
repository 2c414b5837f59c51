/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A whole run: all messages of a source signed or verified by a pool of
 * workers, each batch passing through the stages, outputs in input order.
 */
#ifndef SP_ENGINE_RUN_H
#define SP_ENGINE_RUN_H

#include <stdatomic.h>

#include "engine/sign.h"
#include "engine/tally.h"
#include "engine/verify.h"
#include "io/journal.h"
#include "io/maildir.h"
#include "io/source.h"
#include "io/stream.h"

#define SP_REPORTS_MAX 8u

/* What became of one message; good during the call that gets it. */
struct sp_record {
	const struct sp_mail *mail;
	const struct sp_message *message;
	const struct sp_sign *sign; /* NULL when verifying */
	const struct sp_verify *verify; /* NULL when signing */
	/* When signing: OK, or why it was not signed. When verifying: the
	 * reason of verify->verdict. UNREADABLE: mail->trouble says why, and
	 * sign and verify are NULL. */
	enum sp_reason reason;
	bool copied; /* not signed and passed on as it was (on_error copy) */
};

/* Where reports go: formatted by many workers, written in input order. */
struct sp_reporter {
	/* Appends the record's text; called by several workers at once. */
	void (*format)(void *context, const struct sp_record *record,
		struct sp_buffer *out);
	/* One call per batch that has text, in order, never two at once. */
	enum sp_status (*write)(
		void *context, struct sp_span text, struct sp_error *error);
	void *context;
};

/* Counters of a run, readable while it goes on. */
struct sp_run_stats {
	atomic_uint_fast64_t messages; /* finished, in whatever way */
	atomic_uint_fast64_t bytes; /* of input read */
	atomic_uint_fast64_t signed_messages;
	atomic_uint_fast64_t signatures;
	atomic_uint_fast64_t skipped; /* not signed: see reasons */
	atomic_uint_fast64_t unreadable;
	atomic_uint_fast64_t faults; /* see struct sp_lanes_stats */
	/* Body digests that were there already; see struct sp_repeats_stats. */
	atomic_uint_fast64_t repeats_whole;
	atomic_uint_fast64_t repeats_begun;
	atomic_uint_fast64_t repeats_bytes;
	atomic_uint_fast64_t verdicts[SP_NONE + 1]; /* of messages */
	atomic_uint_fast64_t reasons[SP_REASON_NO_SIGNATURE + 1];
	/* Batches that are done and wait for their turn to be committed. */
	atomic_int_fast64_t queued;
	struct sp_tally *tallies; /* owned; NULL: nothing is measured */
	unsigned tally_count;
	atomic_uint tally_next; /* of the worker that starts next */
};

/* Clears stats and makes a tally for each of so many workers. */
enum sp_status sp_run_stats_init(struct sp_run_stats *stats, unsigned jobs)
	__attribute__((warn_unused_result));

/* The run has ended. A cleared struct is fine. */
void sp_run_stats_free(struct sp_run_stats *stats);

enum sp_output {
	SP_OUTPUT_NONE,
	SP_OUTPUT_MESSAGE, /* bare messages one behind the other, to stream */
	SP_OUTPUT_MBOX, /* to stream */
	SP_OUTPUT_NETSTRING, /* answers, to stream, as soon as there are any */
	SP_OUTPUT_MAILDIR, /* to maildir */
	SP_OUTPUT_REPLACE, /* each Maildir message in its place */
};

enum sp_on_error { SP_ON_ERROR_SKIP, SP_ON_ERROR_STOP, SP_ON_ERROR_COPY };

/* Everything is borrowed for the call. */
struct sp_run_options {
	struct sp_source *source;
	unsigned jobs; /* workers, 1 to SP_JOBS_MAX */
	const char *reader; /* I/O backend by name, or NULL: the best */
	const struct sp_log *log;
	struct sp_message_limits limits;
	enum sp_output output;
	struct sp_stream *stream; /* OUTPUT_MESSAGE, _MBOX, _NETSTRING */
	/* OUTPUT_NETSTRING: appends the record of an answer; called by several
	 * workers at once. */
	void (*answer)(const struct sp_record *record, struct sp_buffer *out);
	bool fields_only; /* OUTPUT_NETSTRING: the new fields, no message */
	struct sp_maildir *maildir; /* OUTPUT_MAILDIR */
	enum sp_durability durability; /* of Maildir messages; of streams it is
					  their own (io/stream.h) */
	/*
	 * NULL, or where all that is done is recorded. Its streams are stream
	 * and those the reporters write to.
	 */
	struct sp_journal *journal;
	const struct sp_reporter *reporters;
	size_t reporter_count; /* at most SP_REPORTS_MAX */
	/* Not 0: finish the batches under way, take no more. */
	const atomic_int *stop;
};

struct sp_sign_run {
	struct sp_run_options run;
	struct sp_keyring *keyring;
	struct sp_sign_options sign;
	enum sp_on_error on_error;
};

struct sp_verify_run {
	struct sp_run_options run;
	struct sp_keycache *keys;
	struct sp_verify_options verify;
	struct sp_span authres_id; /* not empty: write copies with the field */
	bool fail_fast; /* stop at the first message that does not pass */
};

/*
 * SP_OK when all input was worked through (stats say how it went),
 * SP_STOPPED when *stop, fail_fast or SP_ON_ERROR_STOP ended it early with
 * everything finished so far written, another status for trouble that ended
 * it, with words. The streams are neither committed nor closed. stats must be
 * cleared before, or fresh from sp_run_stats_init().
 */
enum sp_status sp_run_sign(const struct sp_sign_run *run,
	struct sp_run_stats *stats, struct sp_error *error)
	__attribute__((warn_unused_result));
enum sp_status sp_run_verify(const struct sp_verify_run *run,
	struct sp_run_stats *stats, struct sp_error *error)
	__attribute__((warn_unused_result));

#endif
