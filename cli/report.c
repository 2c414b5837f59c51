/* SPDX-License-Identifier: Apache-2.0 */
/* Reports: formats by name, streams, the engine's reporters. */
#include "cli/report.h"

#include <assert.h>
#include <string.h>

static const struct sp_report_format *const formats[] = {
	&sp_report_ndjson,
	&sp_report_csv,
	&sp_report_text,
	&sp_report_sqlite,
};

static const struct sp_report_format *find_format(struct sp_span name)
{
	for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++)
		if (sp_span_is(name, formats[i]->name))
			return formats[i];
	return NULL;
}

struct sp_report *sp_reports_add_own(struct sp_reports *reports,
	const struct sp_report_format *format, const char *path)
{
	struct sp_report *report = &reports->report[reports->count++];

	assert(reports->count <= SP_REPORTS_MAX);
	*report = (struct sp_report){.format = format, .path = path};
	return report;
}

enum sp_status sp_reports_add(
	struct sp_reports *reports, const char *text, struct sp_error *error)
{
	struct sp_span rest = sp_span_str(text);
	struct sp_span name = sp_span_split(&rest, ':');
	const struct sp_report_format *format = find_format(name);

	if (rest.size == 0)
		return sp_error(error, SP_CONFIG,
			"--report: '%s' has no path; write FORMAT:PATH, for "
			"example ndjson:report.ndjson or ndjson:-",
			text);
	if (!format)
		return sp_error(error, SP_CONFIG,
			"--report: unknown format '%.*s'; choose from ndjson, "
			"csv, text, sqlite",
			SP_SPAN_ARGS(name));
	if (format->schema && sp_span_is(rest, "-"))
		return sp_error(error, SP_CONFIG,
			"--report: a database cannot go to standard output; "
			"name a file: %.*s:PATH",
			SP_SPAN_ARGS(name));
	if (reports->count == SP_REPORTS_MAX - SP_REPORTS_OWN)
		return sp_error(error, SP_CONFIG,
			"--report: at most %u reports in one run",
			SP_REPORTS_MAX - SP_REPORTS_OWN);
	sp_reports_add_own(reports, format, rest.data);
	return SP_OK;
}

static enum sp_status add_report(
	void *target, const char *argument, struct sp_error *error)
{
	return sp_reports_add(target, argument, error);
}

const struct sp_option sp_report_options[] = {
	{.name = "report",
		.argument = "FORMAT:PATH",
		.help = "write a record per message as ndjson, csv, text or "
			"sqlite; repeatable; - is standard output",
		.kind = SP_OPTION_CALL,
		.call = add_report},
	{.name = NULL},
};

static bool is_stdout(const struct sp_report *report)
{
	return report->path && strcmp(report->path, "-") == 0;
}

static void format_record(
	void *context, const struct sp_record *record, struct sp_buffer *out)
{
	const struct sp_report *report = context;

	if (!report->lists || report->lists(record))
		report->format->record(out, record, report->signing);
}

static enum sp_status write_text(
	void *context, struct sp_span text, struct sp_error *error)
{
	struct sp_report *report = context;
	struct iovec part = {(void *)(uintptr_t)text.data, text.size};
	enum sp_status status;

	if (report->rows)
		return sp_rows_write(report->rows, text, error);
	if (!report->path || !report->stream) {
		sp_console_write(report->console, text);
		return SP_OK;
	}
	status = sp_stream_write(report->stream, &part, 1, error);
	/* Somebody may be reading along. */
	if (status == SP_OK && is_stdout(report)) {
		sp_console_bar(report->console, NULL);
		status = sp_stream_flush(report->stream, error);
	}
	return status;
}

static enum sp_status open_report(struct sp_report *report,
	const struct sp_output_options *options, struct sp_error *error)
{
	struct sp_buffer header = {.data = NULL};
	enum sp_status status = SP_OK;

	if (report->format->schema && options->journal)
		return sp_error(error, SP_CONFIG,
			"%s: a database cannot be taken up again by --resume; "
			"write ndjson, or leave out --resume",
			report->path);
	if (report->format->schema)
		return sp_rows_open(&report->rows, report->path,
			report->format->schema(report->signing), error);
	if (report->path)
		status = sp_output_open(
			&report->stream, report->path, options, error);
	if (status != SP_OK || !report->format->header)
		return status;
	/* One that goes on has it already. */
	if (report->stream && sp_stream_bytes(report->stream))
		return SP_OK;
	report->format->header(&header, report->signing);
	status = sp_buffer_status(&header);
	if (status != SP_OK)
		sp_error(error, status, "out of memory");
	else
		status = write_text(report, sp_buffer_span(&header), error);
	sp_buffer_free(&header);
	return status;
}

enum sp_status sp_reports_open(struct sp_reports *reports, bool signing,
	const struct sp_output_options *options, struct sp_console *console,
	struct sp_error *error)
{
	for (size_t i = 0; i < reports->count; i++) {
		struct sp_report *report = &reports->report[i];
		enum sp_status status;

		report->signing = signing;
		report->console = console;
		reports->reporters[i] = (struct sp_reporter){
			.format = format_record,
			.write = write_text,
			.context = report,
		};
		status = open_report(report, options, error);
		if (status != SP_OK)
			return status;
	}
	return SP_OK;
}

enum sp_status sp_reports_flush(
	struct sp_reports *reports, struct sp_error *error)
{
	for (size_t i = 0; i < reports->count; i++) {
		struct sp_stream *stream = reports->report[i].stream;
		enum sp_status status = SP_OK;

		if (stream)
			status = sp_stream_flush(stream, error);
		if (reports->report[i].rows)
			status = sp_rows_flush(reports->report[i].rows, error);
		if (status != SP_OK)
			return status;
	}
	return SP_OK;
}

static void say_kept(
	struct sp_console *console, const char *path, const char *kept)
{
	if (kept)
		sp_console_note(console,
			"%s: not complete; what there is was kept as %s", path,
			kept);
}

/* As sp_stream_finish(). */
static bool rows_finish(struct sp_report *report, enum sp_outcome outcome,
	struct sp_console *console)
{
	struct sp_error error;
	bool good = true;

	if (outcome == SP_OUTCOME_COMPLETE) {
		good = sp_rows_commit(report->rows, &error) == SP_OK;
		if (!good)
			sp_console_error(console, "%s", error.text);
	} else if (outcome == SP_OUTCOME_INTERRUPTED) {
		say_kept(console, report->path, sp_rows_keep(report->rows));
	}
	sp_rows_close(report->rows);
	report->rows = NULL;
	return good;
}

bool sp_reports_finish(struct sp_reports *reports, enum sp_outcome outcome,
	struct sp_console *console)
{
	bool good = true;

	for (size_t i = 0; i < reports->count; i++) {
		struct sp_report *report = &reports->report[i];

		if (report->rows && !rows_finish(report, outcome, console))
			good = false;
		if (!report->stream)
			continue;
		if (!sp_stream_finish(
			    report->stream, report->path, outcome, console))
			good = false;
		report->stream = NULL;
	}
	return good;
}

enum sp_status sp_output_open(struct sp_stream **stream, const char *path,
	const struct sp_output_options *options, struct sp_error *error)
{
	struct sp_stream_options how = {.durability = options->durability};
	struct sp_journal *journal = options->journal;
	enum sp_status status;

	/* Lines for people on standard output are for this run alone. */
	if (journal && strcmp(path, "-") != 0)
		sp_journal_place(journal, &how);
	status = sp_stream_open(stream, path, &how, error);
	if (status == SP_OK && options->plain)
		sp_stream_use_plain(*stream);
	if (status == SP_OK && how.journal)
		sp_journal_attach(journal, *stream);
	return status;
}

bool sp_stream_finish(struct sp_stream *stream, const char *path,
	enum sp_outcome outcome, struct sp_console *console)
{
	struct sp_error error;
	bool good = true;

	if (outcome == SP_OUTCOME_COMPLETE) {
		good = sp_stream_commit(stream, &error) == SP_OK;
		if (!good)
			sp_console_error(console, "%s", error.text);
	} else if (outcome == SP_OUTCOME_INTERRUPTED) {
		say_kept(console, path, sp_stream_keep(stream));
	}
	sp_stream_close(stream);
	return good;
}
