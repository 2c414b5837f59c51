/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The pass that collects names of keys. Each worker has a map of its own;
 * counts and times do not depend on the order in which these are put together.
 */
#include "engine/harvest.h"

#include <stdlib.h>

#include "base/map.h"
#include "engine/date.h"
#include "engine/pass.h"
#include "engine/pool.h"
#include "engine/signature.h"

/* Names by name, in memory of their own. */
struct names {
	struct sp_arena arena;
	struct sp_map map;
};

struct sp_harvest {
	const struct sp_harvest_options *options; /* while it runs */
	struct sp_run_stats *stats;
	pthread_mutex_t lock; /* of names, while workers close */
	struct names names;
	bool failed; /* memory was short when they closed */
	atomic_size_t known; /* names of all workers */
	struct sp_harvest_name *list;
	size_t count;
};

struct worker {
	struct sp_harvest *harvest;
	struct sp_reader *reader;
	struct names names;
};

struct batch {
	struct sp_mails mails;
	struct sp_arena arena;
	uint64_t signatures;
};

static void names_free(struct names *names)
{
	sp_map_free(&names->map);
	sp_arena_free(&names->arena);
}

/* The entry of a name, made when there is none; NULL when memory fails. */
static struct sp_harvest_name *names_get(
	struct names *names, struct sp_span name, bool *added)
{
	struct sp_harvest_name *entry = sp_map_get(&names->map, name);
	char *copy;

	*added = !entry;
	if (entry)
		return entry;
	entry = SP_ARENA_NEW(&names->arena, struct sp_harvest_name);
	copy = sp_arena_copy(&names->arena, name);
	if (!entry || !copy)
		return NULL;
	*entry = (struct sp_harvest_name){
		.name = sp_span(copy, name.size),
		.first_used = SP_TIME_NONE,
		.last_used = SP_TIME_NONE,
	};
	return sp_map_add(&names->map, entry->name, entry) == SP_OK ? entry
								    : NULL;
}

static void extend(struct sp_harvest_name *entry, int64_t first, int64_t last)
{
	if (first == SP_TIME_NONE)
		return;
	if (entry->first_used == SP_TIME_NONE || first < entry->first_used)
		entry->first_used = first;
	if (entry->last_used == SP_TIME_NONE || last > entry->last_used)
		entry->last_used = last;
}

/* When the message says it was signed or written. */
static int64_t time_of(
	const struct sp_signature *signature, const struct sp_message *message)
{
	const struct sp_field *date;
	int64_t seconds;

	if (signature->timestamp != SP_TIME_NONE)
		return signature->timestamp;
	date = sp_message_find(message, sp_span_str("Date"), 0);
	return date && sp_date_parse(date->value, &seconds) ? seconds
							    : SP_TIME_NONE;
}

static enum sp_status too_many(
	const struct sp_harvest *harvest, struct sp_error *error)
{
	return sp_error(error, SP_CONFIG,
		"the input names more than %zu different keys; harvest it in "
		"parts",
		harvest->options->names_max);
}

static enum sp_status add_signature(struct worker *worker, struct batch *batch,
	const struct sp_message *message, const struct sp_field *field,
	struct sp_error *error)
{
	struct sp_harvest *harvest = worker->harvest;
	struct sp_harvest_name *entry;
	struct sp_signature signature;
	enum sp_reason reason;
	enum sp_status status =
		sp_signature_parse(&signature, &batch->arena, field, &reason);
	int64_t time;
	bool added;

	if (status != SP_OK || reason || signature.key_name.size == 0)
		return status;
	entry = names_get(&worker->names, signature.key_name, &added);
	if (!entry)
		return SP_NO_MEMORY;
	if (added && atomic_fetch_add(&harvest->known, 1) >=
			     harvest->options->names_max)
		return too_many(harvest, error);
	entry->signatures++;
	batch->signatures++;
	time = time_of(&signature, message);
	extend(entry, time, time);
	return SP_OK;
}

static enum sp_status add_message(struct worker *worker, struct batch *batch,
	const struct sp_mail *mail, struct sp_error *error)
{
	const struct sp_harvest_options *options = worker->harvest->options;
	const struct sp_span name = sp_span_str("DKIM-Signature");
	const struct sp_field *field;
	struct sp_message message;
	enum sp_reason reason;
	enum sp_status status = sp_message_split(&message, &batch->arena,
		mail->bytes, &options->limits, &reason);
	size_t most = options->signatures_max ? options->signatures_max
					      : SP_SIGNATURES_MAX;

	/* Verifying asks for no key of a message that it cannot split. */
	if (status != SP_OK || reason)
		return status;
	field = sp_message_find(&message, name, 0);
	for (size_t i = 0; field && i < most && status == SP_OK; i++) {
		status = add_signature(worker, batch, &message, field, error);
		field = sp_message_find_next(&message, field);
	}
	return status;
}

static enum sp_status process(void *context, void *worker_pointer,
	void *batch_pointer, bool *parked, struct sp_error *error)
{
	struct worker *worker = worker_pointer;
	struct batch *batch = batch_pointer;
	enum sp_status status = SP_OK;

	(void)parked;
	(void)context;
	sp_error(error, SP_NO_MEMORY, "out of memory; use fewer --jobs");
	for (size_t i = 0; i < batch->mails.count && status == SP_OK; i++)
		if (batch->mails.mail[i].trouble == 0)
			status = add_message(
				worker, batch, &batch->mails.mail[i], error);
	return status;
}

static void report_trouble(
	const struct sp_harvest *harvest, const struct sp_mail *mail)
{
	char text[128];

	sp_log(harvest->options->log, SP_LOG_ERROR, "%s: cannot be read: %s",
		mail->path.data, strerror_r(mail->trouble, text, sizeof(text)));
	sp_count(&harvest->stats->unreadable, 1);
}

static enum sp_status commit(void *context, void *worker, void *batch_pointer,
	struct sp_error *error)
{
	struct sp_harvest *harvest = context;
	const struct batch *batch = batch_pointer;

	(void)worker;
	(void)error;
	sp_count(&harvest->stats->messages, batch->mails.count);
	sp_count(&harvest->stats->bytes, batch->mails.input_bytes);
	sp_count(&harvest->stats->signatures, batch->signatures);
	for (size_t i = 0; i < batch->mails.count; i++)
		if (batch->mails.mail[i].trouble)
			report_trouble(harvest, &batch->mails.mail[i]);
	return SP_OK;
}

static enum sp_status next(void *context, void *worker, void *batch_pointer,
	uint64_t *ticket, bool *end, struct sp_error *error)
{
	struct sp_harvest *harvest = context;
	struct batch *batch = batch_pointer;
	enum sp_status status;

	sp_arena_reset(&batch->arena);
	batch->signatures = 0;
	status = sp_source_next(harvest->options->source,
		((struct worker *)worker)->reader, &batch->mails, end, error);
	*ticket = batch->mails.ticket;
	return status;
}

/* Adds what a worker found to what all found. */
static void gather(struct sp_harvest *harvest, const struct names *names)
{
	pthread_mutex_lock(&harvest->lock);
	for (size_t i = 0; i < names->map.room && !harvest->failed; i++) {
		const struct sp_harvest_name *from = names->map.slots[i].value;
		struct sp_harvest_name *to;
		bool added;

		if (!from)
			continue;
		to = names_get(&harvest->names, from->name, &added);
		harvest->failed = !to;
		if (!to)
			break;
		to->signatures += from->signatures;
		extend(to, from->first_used, from->last_used);
	}
	pthread_mutex_unlock(&harvest->lock);
}

static void worker_close(void *argument)
{
	struct worker *worker = argument;

	gather(worker->harvest, &worker->names);
	names_free(&worker->names);
	sp_reader_close(worker->reader);
	free(worker);
}

static void *worker_open(void *context)
{
	struct sp_harvest *harvest = context;
	struct worker *worker = calloc(1, sizeof(*worker));

	if (!worker)
		return NULL;
	worker->harvest = harvest;
	worker->reader =
		sp_reader_open(harvest->options->reader, harvest->options->log);
	if (worker->reader)
		return worker;
	worker_close(worker);
	return NULL;
}

static void *batch_open(void *context, struct sp_pool_slot *slot)
{
	(void)slot;
	(void)context;
	return calloc(1, sizeof(struct batch));
}

static void batch_close(void *argument)
{
	struct batch *batch = argument;

	if (!batch)
		return;
	sp_mails_free(&batch->mails);
	sp_arena_free(&batch->arena);
	free(batch);
}

static void cancel(void *context)
{
	sp_source_cancel(((struct sp_harvest *)context)->options->source);
}

static int compare(const void *a, const void *b)
{
	const struct sp_harvest_name *left = a, *right = b;
	size_t size = left->name.size < right->name.size ? left->name.size
							 : right->name.size;
	int order = memcmp(left->name.data, right->name.data, size);

	if (order)
		return order;
	return (left->name.size > right->name.size) -
	       (left->name.size < right->name.size);
}

/* The names in order. */
static enum sp_status sort(struct sp_harvest *harvest, struct sp_error *error)
{
	const struct sp_map *map = &harvest->names.map;

	harvest->list = calloc(map->count + 1, sizeof(*harvest->list));
	if (!harvest->list || harvest->failed)
		return sp_error(
			error, SP_NO_MEMORY, "out of memory; use fewer --jobs");
	for (size_t i = 0; i < map->room; i++)
		if (map->slots[i].value)
			harvest->list[harvest->count++] =
				*(struct sp_harvest_name *)map->slots[i].value;
	qsort(harvest->list, harvest->count, sizeof(*harvest->list), compare);
	return SP_OK;
}

enum sp_status sp_harvest_run(struct sp_harvest **harvest,
	const struct sp_harvest_options *options, struct sp_run_stats *stats,
	struct sp_error *error)
{
	static const struct sp_pool_ops ops = {
		.worker_open = worker_open,
		.worker_close = worker_close,
		.batch_open = batch_open,
		.batch_close = batch_close,
		.next = next,
		.process = process,
		.commit = commit,
		.cancel = cancel,
	};
	struct sp_harvest_options limited = *options;
	struct sp_harvest *made = calloc(1, sizeof(*made));
	enum sp_status status, sorted;

	*harvest = NULL;
	if (!made)
		return sp_error(error, SP_NO_MEMORY, "out of memory");
	if (!limited.names_max)
		limited.names_max = SP_HARVEST_NAMES_MAX;
	made->options = &limited;
	made->stats = stats;
	pthread_mutex_init(&made->lock, NULL);
	status =
		sp_pool_run(&ops, made, options->jobs, 0, options->stop, error);
	made->options = NULL;
	sorted = status == SP_OK || status == SP_STOPPED ? sort(made, error)
							 : status;
	if (sorted != SP_OK) {
		sp_harvest_close(made);
		return sorted;
	}
	*harvest = made;
	return status;
}

const struct sp_harvest_name *sp_harvest_names(
	const struct sp_harvest *harvest, size_t *count)
{
	*count = harvest->count;
	return harvest->list;
}

const struct sp_harvest_name *sp_harvest_find(
	const struct sp_harvest *harvest, struct sp_span name)
{
	return sp_map_get(&harvest->names.map, name);
}

void sp_harvest_close(struct sp_harvest *harvest)
{
	if (!harvest)
		return;
	pthread_mutex_destroy(&harvest->lock);
	names_free(&harvest->names);
	free(harvest->list);
	free(harvest);
}
