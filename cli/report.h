/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reports: one record per message, in input order, in the formats of
 * --report; and the short listing of messages that did not do as wished.
 */
#ifndef SP_CLI_REPORT_H
#define SP_CLI_REPORT_H

#include "cli/common.h"
#include "cli/record.h"
#include "io/journal.h"
#include "io/rows.h"

/* Each is a table entry: report_ndjson.c, report_csv.c, report_text.c,
 * report_sqlite.c. */
struct sp_report_format {
	const char *name;
	/* What stands above the records; NULL: nothing. */
	void (*header)(struct sp_buffer *out, bool signing);
	/* Appends the record. Called from several threads. */
	void (*record)(struct sp_buffer *out, const struct sp_record *record,
		bool signing);
	/* Records are rows of these tables (io/rows.h); NULL: they are text. */
	const struct sp_rows_schema *(*schema)(bool signing);
};

extern const struct sp_report_format sp_report_ndjson, sp_report_csv,
	sp_report_text, sp_report_sqlite;
/* One line per message, for people; report_text.c. The notice says in front
 * who speaks, as everything does on standard error. */
extern const struct sp_report_format sp_report_line, sp_report_notice;
/* The records of sp_report_ndjson as answers to a netstring stream. */
void sp_answer_signed(const struct sp_record *record, struct sp_buffer *out);
void sp_answer_verified(const struct sp_record *record, struct sp_buffer *out);
/* --headers-only: {"path","index","header"}; report_ndjson.c. */
extern const struct sp_report_format sp_report_headers;

struct sp_report {
	const struct sp_report_format *format;
	const char *path; /* "-": standard output; NULL: standard error */
	struct sp_stream *stream; /* owned; NULL for standard error, rows */
	struct sp_rows *rows; /* owned; of a format with a schema */
	struct sp_console *console;
	bool signing;
	/* Which messages it lists; NULL: all. */
	bool (*lists)(const struct sp_record *record);
};

/* Places kept for our own reports, beside those of --report. */
#define SP_REPORTS_OWN 2u

struct sp_reports {
	struct sp_report report[SP_REPORTS_MAX];
	size_t count;
	struct sp_reporter reporters[SP_REPORTS_MAX];
};

/* How the work that outputs belong to ended. */
enum sp_outcome {
	SP_OUTCOME_COMPLETE, /* outputs get their names */
	SP_OUTCOME_INTERRUPTED, /* what is there is kept as partial */
	SP_OUTCOME_FAILED, /* outputs are removed */
};

/* How files are written. */
struct sp_output_options {
	enum sp_durability durability;
	struct sp_journal *journal; /* NULL: there is none */
	bool plain; /* without rings (SEALPRESS_IO=pread) */
};

/* --report; their target is a struct sp_reports. */
extern const struct sp_option sp_report_options[];

/* Adds "FORMAT:PATH" as --report takes it. */
enum sp_status sp_reports_add(struct sp_reports *reports, const char *text,
	struct sp_error *error) __attribute__((warn_unused_result));

/* Adds one of our own; the count must be below SP_REPORTS_MAX. */
struct sp_report *sp_reports_add_own(struct sp_reports *reports,
	const struct sp_report_format *format, const char *path);

/* Opens the streams, writes what stands above the records. */
enum sp_status sp_reports_open(struct sp_reports *reports, bool signing,
	const struct sp_output_options *options, struct sp_console *console,
	struct sp_error *error) __attribute__((warn_unused_result));

/* Writes out what is buffered, so that a commit has little left to fail. */
enum sp_status sp_reports_flush(struct sp_reports *reports,
	struct sp_error *error) __attribute__((warn_unused_result));

/*
 * Commits, keeps or removes every report. Says on the console where a kept
 * one is and what went wrong; false when one could not be completed.
 */
bool sp_reports_finish(struct sp_reports *reports, enum sp_outcome outcome,
	struct sp_console *console);

/* Opens the file of an output, the next one of the journal if there is one. */
enum sp_status sp_output_open(struct sp_stream **stream, const char *path,
	const struct sp_output_options *options, struct sp_error *error)
	__attribute__((warn_unused_result));

/* As sp_reports_finish() for one stream, which is closed; path is for words. */
bool sp_stream_finish(struct sp_stream *stream, const char *path,
	enum sp_outcome outcome, struct sp_console *console);

#endif
