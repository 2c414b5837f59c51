/* SPDX-License-Identifier: Apache-2.0 */
/* Gathering what a source gives. */
#include "tests/unit/gather.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "io/large.h"

void gathered_free(struct gathered *got)
{
	sp_buffer_free(&got->names);
	sp_buffer_free(&got->bytes);
	sp_buffer_free(&got->stored);
	sp_buffer_free(&got->log);
}

static void hear(void *context, enum sp_log_level level, const char *text)
{
	struct gathered *got = context;

	if (level == SP_LOG_ERROR) {
		sp_buffer_add_str(&got->log, text);
		sp_buffer_add_char(&got->log, '\n');
	}
}

bool gathered_logged(const struct gathered *got, const char *text)
{
	return got->log.size &&
	       memmem(got->log.data, got->log.size, text, strlen(text));
}

static void take_large(struct gathered *got, struct sp_mail *mail)
{
	static char piece[8192];
	ptrdiff_t size;
	size_t before = got->bytes.size;

	got->larges++;
	while ((size = sp_large_read(mail->large, piece, sizeof(piece))) > 0)
		sp_buffer_add(&got->bytes, sp_span(piece, (size_t)size));
	cr_assert_eq(size, 0);
	cr_assert(memcmp(got->bytes.data + before, mail->bytes.data,
			  mail->bytes.size) == 0);
	sp_large_rewind(mail->large);
	while ((size = sp_large_read_stored(
			mail->large, piece, sizeof(piece))) > 0)
		sp_buffer_add(&got->stored, sp_span(piece, (size_t)size));
	cr_assert_eq(size, 0);
}

static void take(struct gathered *got, struct sp_mail *mail)
{
	const char *path = strstr(mail->path.data, "sealpress-test.");
	const char *name = path ? strchr(path, '/') + 1 : mail->path.data;

	cr_assert_eq(mail->path.data[mail->path.size], '\0');
	got->mails++;
	sp_buffer_add_format(
		&got->names, "%s#%llu ", name, (unsigned long long)mail->index);
	if (mail->trouble) {
		cr_assert_null(mail->large);
		cr_assert_eq(mail->bytes.size + mail->from_line.size, 0);
		got->troubles++;
		got->last_trouble = mail->trouble;
		return;
	}
	sp_buffer_add(&got->stored, mail->from_line);
	if (mail->large) {
		take_large(got, mail);
	} else {
		sp_buffer_add(&got->bytes, mail->bytes);
		sp_buffer_add(&got->stored, mail->form == SP_MAIL_MBOX
						    ? mail->stored
						    : mail->bytes);
		sp_buffer_add(&got->stored, mail->tail);
	}
}

static void take_batch(
	struct gathered *got, struct sp_source *source, struct sp_mails *mails)
{
	cr_assert(sp_source_number(source, mails));
	for (size_t i = 0; i < mails->count; i++)
		take(got, &mails->mail[i]);
	got->input_bytes += mails->input_bytes;
}

/* Runs a source to its end with one worker. */
struct gathered gather(struct sp_source_options options, const char *backend)
{
	struct gathered got = {0};
	struct sp_log log = {hear, &got};
	struct sp_reader *reader = sp_reader_open(backend, NULL);
	struct sp_mails mails = {0};
	struct sp_source *source;
	uint64_t ticket = 0;
	bool end = false;

	options.log = &log;
	got.opened = sp_source_open(&source, &options, &got.error);
	if (!reader || got.opened != SP_OK) {
		sp_reader_close(reader);
		sp_source_close(source);
		return got;
	}
	for (;;) {
		cr_assert_eq(sp_source_next(
				     source, reader, &mails, &end, &got.error),
			SP_OK);
		if (end)
			break;
		cr_assert_eq(mails.ticket, ticket++);
		take_batch(&got, source, &mails);
		while (mails.more) {
			cr_assert_eq(sp_source_more(source, reader, &mails,
					     &got.error),
				SP_OK);
			take_batch(&got, source, &mails);
		}
		got.batches++;
	}
	sp_source_totals(source, &got.totals);
	sp_mails_free(&mails);
	sp_source_close(source);
	sp_reader_close(reader);
	return got;
}

struct gathered gather_one(const char *path, struct sp_source_options options)
{
	const char *inputs[] = {path};

	options.inputs = inputs;
	options.input_count = 1;
	return gather(options, NULL);
}

void gathered_expect(const struct gathered *got, const char *names)
{
	cr_expect(sp_span_is(sp_buffer_span(&got->names), names), "%.*s",
		(int)got->names.size, got->names.data);
}

struct gathered gather_stdin(
	struct sp_source_options options, struct sp_span data, const char *file)
{
	int saved = dup(STDIN_FILENO);
	int ends[2];
	pid_t child = 0;
	struct gathered got;

	if (file) {
		ends[0] = open(file, O_RDONLY);
	} else {
		cr_assert(pipe(ends) == 0);
		child = fork();
		if (child == 0) {
			while (data.size) {
				ssize_t put =
					write(ends[1], data.data, data.size);

				if (put <= 0)
					_exit(1);
				data = sp_span_after(data, (size_t)put);
			}
			_exit(0);
		}
		close(ends[1]);
	}
	dup2(ends[0], STDIN_FILENO);
	close(ends[0]);
	got = gather(options, NULL);
	dup2(saved, STDIN_FILENO);
	close(saved);
	if (child > 0)
		waitpid(child, NULL, 0);
	return got;
}

void open_by_hand(struct by_hand *hand, const char *path,
	enum sp_mbox_kind kind, size_t range)
{
	const char *inputs[] = {path};
	struct sp_source_options options = {.inputs = inputs,
		.input_count = 1,
		.mbox_kind = kind,
		.range_bytes = range,
		.batch_files = 1,
		.log = &hand->to};
	struct sp_error error;

	*hand = (struct by_hand){.to = {hear, &hand->log}};
	hand->reader = sp_reader_open(NULL, NULL);
	cr_assert_eq(sp_source_open(&hand->source, &options, &error), SP_OK);
}

void next_by_hand(struct by_hand *hand)
{
	struct sp_error error;

	cr_assert_eq(sp_source_next(hand->source, hand->reader, &hand->mails,
			     &hand->end, &error),
		SP_OK);
}

void close_by_hand(struct by_hand *hand)
{
	sp_mails_free(&hand->mails);
	sp_source_close(hand->source);
	sp_reader_close(hand->reader);
	gathered_free(&hand->log);
}
