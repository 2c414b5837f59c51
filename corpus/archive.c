/* SPDX-License-Identifier: Apache-2.0 */
/* Who wrote and signed each message of an archive, what became of it, and what
 * verifying must therefore say. */
#include "corpus/archive.h"

#include <inttypes.h>
#include <time.h>

#include "corpus/letter.h"
#include "corpus/lines.h"
#include "corpus/sizes.h"

#define FIRST_TIME 1167609600 /* 2007 */
#define YEAR_S 31556952u
#define WEEK_S 604800
#define LIST_SENDER (SENDERS_COUNT - 1)
#define NO_FAULT ARCHIVE_FAULTS

const char *const archive_fault_names[ARCHIVE_FAULTS] = {
	[ARCHIVE_BODY] = "body",
	[ARCHIVE_HEADER] = "header",
	[ARCHIVE_MISSING] = "missing",
	[ARCHIVE_EXPIRED] = "expired",
	[ARCHIVE_WEAK] = "weak",
	[ARCHIVE_SHA1] = "sha1",
	[ARCHIVE_UNSIGNED] = "unsigned",
};

/* What verifying says of a signature with the fault; the message's verdict
 * first, if it has no other signature. */
static const struct truth {
	const char *verdict, *reason;
} truths[] = {
	[ARCHIVE_BODY] = {"fail", "body-hash-mismatch"},
	[ARCHIVE_HEADER] = {"fail", "signature-mismatch"},
	[ARCHIVE_MISSING] = {"permerror", "key-not-found"},
	[ARCHIVE_EXPIRED] = {"permerror", "expired"},
	[ARCHIVE_WEAK] = {"policy", "key-too-small"},
	[ARCHIVE_SHA1] = {"policy", "sha1"},
	[ARCHIVE_UNSIGNED] = {"none", ""},
	[NO_FAULT] = {"pass", "ok"},
};

/* What a mailing list does to the mail it passes on. */
enum list {
	LIST_NONE,
	LIST_FOOTER, /* changes text and subject, and signs that */
	LIST_LENGTH, /* adds text behind a body that was signed with l= */
};

struct draft {
	struct random random;
	uint64_t id;
	int64_t time;
	unsigned year;
	unsigned sender;
	enum archive_fault fault;
	enum list list;
	enum letter_kind kind;
	bool twice; /* signed with Ed25519 as well */
};

static enum archive_fault draw_fault(
	struct random *random, const struct archive_options *options)
{
	uint32_t percent = random_below(random, 100);

	for (unsigned i = 0; i < ARCHIVE_FAULTS; i++) {
		if (percent < options->shares[i])
			return (enum archive_fault)i;
		percent -= options->shares[i];
	}
	return NO_FAULT;
}

static enum letter_kind draw_kind(struct random *random)
{
	uint32_t percent = random_below(random, 100);

	if (percent < 50)
		return LETTER_PLAIN;
	if (percent < 70)
		return LETTER_QP;
	if (percent < 83)
		return LETTER_HTML;
	return percent < 98 ? LETTER_ATTACHMENT : LETTER_EMPTY;
}

static struct draft draw(const struct archive *archive, uint64_t index)
{
	struct draft draft = {
		.random = random_stream(archive->options.seed, index)};
	struct random *random = &draft.random;
	unsigned years = SENDERS_LAST_YEAR - SENDERS_FIRST_YEAR + 1;
	uint32_t percent;

	draft.id = random_next(random);
	draft.fault = draw_fault(random, &archive->options);
	draft.kind = draw_kind(random);
	draft.sender = random_below(random, LIST_SENDER);
	/* What is weak is old. */
	if (draft.fault == ARCHIVE_WEAK || draft.fault == ARCHIVE_SHA1)
		years /= 3;
	draft.year = random_below(random, years);
	draft.time = FIRST_TIME + (int64_t)draft.year * YEAR_S +
		     random_below(random, YEAR_S);
	draft.year += SENDERS_FIRST_YEAR;
	percent = random_below(random, 100);
	if (draft.fault == NO_FAULT && percent < 15)
		draft.list = LIST_FOOTER;
	else if (draft.fault == NO_FAULT && percent < 20)
		draft.list = LIST_LENGTH;
	/* Of nothing, simple makes CRLF, and no text begins with that. */
	if (draft.kind == LETTER_EMPTY && draft.list == LIST_LENGTH)
		draft.list = LIST_NONE;
	draft.twice = draft.year >= SENDERS_ED25519_SINCE &&
		      draft.list != LIST_LENGTH && random_chance(random, 30);
	return draft;
}

/* Signs the message as it is now; the field goes above those there are. */
static void sign(struct archive *archive, struct draft *draft, unsigned sender,
	enum senders_key kind)
{
	const struct sender *who = &senders_table[sender];
	char selector[SENDERS_SELECTOR_BYTES];
	struct signer_plan plan = {
		.key = senders_key(
			&archive->senders, sender, kind, draft->year, selector),
		.domain = who->domain,
		.selector = selector,
		.header_canon = who->header_canon,
		.body_canon = who->body_canon,
		.sha1 = draft->fault == ARCHIVE_SHA1,
		.timestamp = draft->time,
		.expiration = SP_TIME_NONE,
		.length = draft->list == LIST_LENGTH,
		.style = who->style,
		.newline = archive->options.newline,
	};

	if (random_chance(&draft->random, 30))
		plan.expiration = draft->time + WEEK_S;
	/* By the clock of the message too: it has no t=, and a later Date. */
	if (draft->fault == ARCHIVE_EXPIRED) {
		plan.timestamp = SP_TIME_NONE;
		plan.expiration = draft->time - WEEK_S;
	}
	sp_buffer_clear(&archive->before);
	signer_add(&archive->signer, &plan, sp_buffer_span(&archive->message),
		&archive->before);
	sp_buffer_add(&archive->before, sp_buffer_span(&archive->signatures));
	sp_buffer_clear(&archive->signatures);
	sp_buffer_add(&archive->signatures, sp_buffer_span(&archive->before));
}

/* Puts text behind the first place where after stands. */
static void insert(struct archive *archive, const char *after, const char *text)
{
	struct sp_buffer *message = &archive->message;
	struct sp_span rest;
	char *at = memmem(message->data, message->size, after, strlen(after));

	if (!at)
		return;
	rest = sp_span_after(sp_buffer_span(message),
		(size_t)(at - message->data) + strlen(after));
	sp_buffer_clear(&archive->before);
	sp_buffer_add(&archive->before, rest);
	message->size -= rest.size;
	sp_buffer_add_str(message, text);
	sp_buffer_add(message, sp_buffer_span(&archive->before));
}

static void add_footer(struct archive *archive)
{
	lines_add(&archive->message, archive->options.newline,
		"_______________________________________________\n"
		"members mailing list, members@lists.example\n");
}

/* A letter of the body becomes another one. Without letters, one is added. */
static void change_body(struct archive *archive)
{
	struct sp_buffer *message = &archive->message;
	bool crlf = archive->options.newline[0] == '\r';
	const char *empty = crlf ? "\r\n\r\n" : "\n\n";
	char *end = message->data + message->size, *at;

	at = memmem(message->data, message->size, empty, strlen(empty));
	for (at += strlen(empty); at < end; at++)
		if (sp_is_alpha(*at)) {
			*at = (char)(*at ^ ('a' ^ 'A'));
			return;
		}
	lines_add(message, archive->options.newline, "Sent from my phone\n");
}

static void add_list_fields(struct archive *archive)
{
	insert(archive, "MIME-Version: 1.0",
		archive->options.newline[0] == '\r'
			? "\r\nList-ID: Members <members.lists.example>"
			: "\nList-ID: Members <members.lists.example>");
}

static void put_signatures(struct archive *archive, struct draft *draft)
{
	bool late = draft->year >= SENDERS_ED25519_SINCE;
	enum senders_key kind = SENDERS_RSA;

	if (draft->fault == ARCHIVE_UNSIGNED)
		return;
	if (draft->fault == ARCHIVE_MISSING)
		kind = SENDERS_GONE;
	else if (draft->fault == ARCHIVE_WEAK)
		kind = SENDERS_WEAK;
	else if (late && !draft->twice && random_chance(&draft->random, 20))
		kind = SENDERS_ED25519;
	sign(archive, draft, draft->sender, kind);
	if (draft->twice)
		sign(archive, draft, draft->sender,
			kind == SENDERS_RSA ? SENDERS_ED25519 : kind);
}

static void pass_on(struct archive *archive, struct draft *draft)
{
	if (draft->fault == ARCHIVE_BODY)
		change_body(archive);
	if (draft->fault == ARCHIVE_HEADER)
		insert(archive, "Subject: ", "AW: ");
	if (draft->list == LIST_NONE)
		return;
	add_footer(archive);
	if (draft->list == LIST_LENGTH)
		return;
	insert(archive, "Subject: ", "[members] ");
	add_list_fields(archive);
	sign(archive, draft, LIST_SENDER, SENDERS_RSA);
}

static void add_truth(
	const struct draft *draft, uint64_t index, struct sp_buffer *out)
{
	const struct truth *truth = &truths[draft->fault];
	const struct truth *author =
		draft->list == LIST_FOOTER ? &truths[ARCHIVE_BODY] : truth;

	sp_buffer_add_format(out, "%" PRIu64 "\t<%016" PRIx64 "@%s>\t%s\t",
		index, draft->id, senders_table[draft->sender].from,
		truth->verdict);
	if (draft->list == LIST_FOOTER)
		sp_buffer_add_format(
			out, "%s/%s,", truth->verdict, truth->reason);
	for (unsigned i = 0; i < 1 + (unsigned)draft->twice; i++)
		if (draft->fault == ARCHIVE_UNSIGNED)
			sp_buffer_add_str(out, i ? "" : "-");
		else
			sp_buffer_add_format(out, "%s%s/%s", i ? "," : "",
				author->verdict, author->reason);
	sp_buffer_add_char(out, '\n');
}

static void add_trace(const struct archive *archive, const struct draft *draft,
	struct sp_buffer *out)
{
	time_t time = (time_t)draft->time + 2;
	char date[64];
	struct tm tm;

	gmtime_r(&time, &tm);
	strftime(date, sizeof(date), "%a, %d %b %Y %H:%M:%S +0000", &tm);
	lines_add(out, archive->options.newline,
		"Return-Path: <mail@%s>\nReceived: from mx.%s by mx.example.net"
		"\n\twith ESMTPS; %s\n",
		senders_table[draft->sender].from,
		senders_table[draft->sender].from, date);
}

void archive_init(
	struct archive *archive, const struct archive_options *options)
{
	*archive = (struct archive){.options = *options};
	blocks_init(&archive->blocks, options->seed, options->newline,
		options->mean_bytes < SIZES_SMALL);
	senders_init(&archive->senders, options->seed, options->keys);
}

void archive_free(struct archive *archive)
{
	blocks_free(&archive->blocks);
	senders_free(&archive->senders);
	signer_free(&archive->signer);
	sp_buffer_free(&archive->signatures);
	sp_buffer_free(&archive->message);
	sp_buffer_free(&archive->before);
}

int64_t archive_add(struct archive *archive, uint64_t index,
	struct sp_buffer *out, struct sp_buffer *truth)
{
	struct draft draft = draw(archive, index);
	uint32_t mean = archive->options.mean_bytes;
	struct letter letter = {
		.id = draft.id,
		.time = draft.time,
		.from = senders_table[draft.sender].from,
		.newline = archive->options.newline,
		.blocks = &archive->blocks,
		.kind = draft.kind,
	};

	if (archive->blocks.small)
		mean -= ARCHIVE_LEAST_BYTES;
	letter.bytes = sizes_draw(&draft.random, mean);
	sp_buffer_clear(&archive->signatures);
	sp_buffer_clear(&archive->message);
	letter_add(&letter, &draft.random, &archive->message);
	put_signatures(archive, &draft);
	pass_on(archive, &draft);
	add_trace(archive, &draft, out);
	sp_buffer_add(out, sp_buffer_span(&archive->signatures));
	sp_buffer_add(out, sp_buffer_span(&archive->message));
	add_truth(&draft, index, truth);
	return draft.time;
}
