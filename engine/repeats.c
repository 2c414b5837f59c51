/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The last few bodies and their digests (RFC 6376 3.7 step 1).
 *
 * Plans (which digest is put off, where states are to be saved) are made
 * before anything is hashed and only save work. What is used is decided when
 * it is there: a digest of an equal body, a state at no more than the common
 * bytes, of the body that was compared and no other in its place.
 */
#include "engine/repeats.h"

#include <stdlib.h>

#include "engine/bodyhash.h"

/* A body is recognized by so many bytes; one that has fewer is not kept. */
#define HEAD_BYTES 64u
#define BODY_BYTES_MIN 512u
/* Common beginnings are compared in steps; shorter ones do not pay. */
#define STEP_BYTES 1024u
#define COMMON_BYTES_MIN (4 * STEP_BYTES)
/* A state so much further on is worth saving. */
#define GROWTH_BYTES (4 * STEP_BYTES)
/* One that was of use outlives so many that were not. */
#define LIFE 64u
/* After so many kept in vain in a row, keep them in one run of so many. */
#define PATIENCE 16u
#define RETRY_RUNS 32u
/* Digests of one body: canonicalizations, algorithms, l=. */
#define SLOTS 4u

struct sp_repeats_slot {
	uint64_t serial; /* of its body; 0: the slot is free */
	enum sp_canon canon;
	uint64_t limit;
	enum sp_digest_algorithm algorithm;

	bool asked; /* the digest is being taken in this run */
	bool done;
	uint64_t total;
	unsigned char digest[SP_DIGEST_BYTES_MAX];

	/* States inside the body: */
	size_t offset; /* 0: there are none */
	struct sp_body body;
	struct sp_sha256 hash;
	/* Plans of this run: */
	size_t wanted; /* where states are or will be */
	bool pending; /* will be */
	bool led; /* some digest of this run begins at 0 and passes there */
};

/* A body that was met. */
struct entry {
	uint64_t serial; /* 0: none */
	char head[HEAD_BYTES];
	struct sp_span bytes; /* of memory, or borrowed; or NULL: not kept */
	char *memory; /* owned, SP_REPEATS_BODY_BYTES; NULL until needed */
	uint64_t age; /* the lowest is replaced */
	bool hit; /* in this run: not to be replaced */
	bool keep; /* its beginning was met before */
	bool kept_in_vain; /* so far */
	struct sp_repeats_slot slots[SLOTS];
};

struct sp_repeats {
	struct entry entries[SP_REPEATS_BODIES];
	uint64_t serial; /* of the last entry */
	uint64_t runs;
	unsigned in_vain; /* bodies kept since one was of use */
	struct sp_repeats_stats stats;
	/* The body looked at last: several digests of it come in a row. */
	struct sp_span last;
	struct entry *last_entry;
	size_t last_common;
};

struct sp_repeats *sp_repeats_open(void)
{
	return calloc(1, sizeof(struct sp_repeats));
}

void sp_repeats_close(struct sp_repeats *repeats)
{
	if (!repeats)
		return;
	for (unsigned i = 0; i < SP_REPEATS_BODIES; i++)
		free(repeats->entries[i].memory);
	free(repeats);
}

/* Equal bytes at the beginning: whole steps, or all of the shorter one. */
static size_t common_bytes(struct sp_span a, struct sp_span b)
{
	size_t size = a.size < b.size ? a.size : b.size;
	size_t at = 0;

	while (at < size) {
		size_t step = size - at < STEP_BYTES ? size - at : STEP_BYTES;

		if (memcmp(a.data + at, b.data + at, step) != 0)
			break;
		at += step;
	}
	return at;
}

/* Is so much in common that it pays to go on from there? */
static bool is_long(size_t common, size_t a, size_t b)
{
	return (common == a && common == b) ||
	       (common >= COMMON_BYTES_MIN && 2 * common >= a &&
		       2 * common >= b);
}

/*
 * Takes place, or that of the entry that is missed least; NULL: all are in
 * use.
 */
static struct entry *add_entry(
	struct sp_repeats *repeats, struct entry *place, struct sp_span body)
{
	struct entry *oldest = place;

	for (unsigned i = 0; i < SP_REPEATS_BODIES && !place; i++) {
		struct entry *entry = &repeats->entries[i];

		if (!entry->hit && (!oldest || entry->age < oldest->age))
			oldest = entry;
	}
	if (!oldest)
		return NULL;
	repeats->in_vain += oldest->kept_in_vain;
	oldest->kept_in_vain = false;
	oldest->serial = ++repeats->serial;
	oldest->bytes = body;
	oldest->age = repeats->serial;
	oldest->keep = place != NULL;
	memcpy(oldest->head, body.data, HEAD_BYTES);
	for (unsigned i = 0; i < SLOTS; i++)
		oldest->slots[i].serial = 0;
	return oldest;
}

/* The entry this body is or begins like, or a new one. */
static struct entry *find_entry(
	struct sp_repeats *repeats, struct sp_span body, size_t *common)
{
	struct entry *met = NULL; /* no more than its head is known */

	for (unsigned i = 0; i < SP_REPEATS_BODIES; i++) {
		struct entry *entry = &repeats->entries[i];

		if (!entry->serial ||
			memcmp(entry->head, body.data, HEAD_BYTES) != 0)
			continue;
		if (!entry->bytes.data) {
			met = entry;
			continue;
		}
		*common = common_bytes(entry->bytes, body);
		if (!is_long(*common, entry->bytes.size, body.size))
			continue;
		entry->hit = entry->keep = true;
		entry->kept_in_vain = false;
		repeats->in_vain = 0;
		entry->age = repeats->serial + LIFE;
		return entry;
	}
	*common = body.size;
	return add_entry(repeats, met, body);
}

static struct sp_repeats_slot *find_slot(
	struct entry *entry, const struct sp_body_digest *digest)
{
	for (unsigned i = 0; i < SLOTS; i++) {
		struct sp_repeats_slot *slot = &entry->slots[i];

		if (slot->serial && slot->canon == digest->canon &&
			slot->limit == digest->limit &&
			slot->algorithm == digest->algorithm)
			return slot;
		if (slot->serial)
			continue;
		*slot = (struct sp_repeats_slot){
			.serial = entry->serial,
			.canon = digest->canon,
			.limit = digest->limit,
			.algorithm = digest->algorithm,
		};
		return slot;
	}
	return NULL;
}

static void take(struct sp_repeats *repeats, const struct sp_repeat *repeat,
	struct sp_body_digest *digest)
{
	const struct sp_repeats_slot *slot = repeat->slot;

	digest->total = slot->total;
	memcpy(digest->digest, slot->digest, sizeof(digest->digest));
	digest->done = true;
	repeats->stats.whole++;
	repeats->stats.bytes += repeat->common;
}

/* A body that parts at common: who comes to the place where it begins? */
static void plan_beginning(struct sp_repeat *repeat)
{
	struct sp_repeats_slot *slot = repeat->slot;
	size_t common = repeat->common;

	if (slot->wanted && slot->wanted <= common) {
		repeat->later = slot->pending;
		if (slot->pending || common - slot->wanted < GROWTH_BYTES)
			return;
	} else if (slot->led) {
		repeat->later = true;
	} else {
		slot->led = true;
	}
	slot->wanted = common;
	slot->pending = true;
}

void sp_repeats_look(struct sp_repeats *repeats, struct sp_repeat *repeat,
	struct sp_span body, struct sp_body_digest *digest)
{
	struct sp_repeats_slot *slot;

	*repeat = (struct sp_repeat){0};
	if (body.size < BODY_BYTES_MIN)
		return;
	if (body.data != repeats->last.data ||
		body.size != repeats->last.size) {
		repeats->last = body;
		repeats->last_entry =
			find_entry(repeats, body, &repeats->last_common);
	}
	slot = repeats->last_entry ? find_slot(repeats->last_entry, digest)
				   : NULL;
	if (!slot)
		return;
	repeat->slot = slot;
	repeat->serial = slot->serial;
	repeat->common = repeats->last_common;
	repeat->same = repeat->common == body.size &&
		       repeat->common == repeats->last_entry->bytes.size;
	if (!repeat->same) {
		plan_beginning(repeat);
	} else if (slot->done) {
		take(repeats, repeat, digest);
	} else if (slot->asked) {
		repeat->later = true;
	} else {
		slot->asked = slot->led = true;
	}
}

static bool is_known(const struct sp_repeat *repeat)
{
	return repeat->slot && repeat->slot->serial == repeat->serial;
}

bool sp_repeats_settle(struct sp_repeats *repeats,
	const struct sp_repeat *repeat, struct sp_body_digest *digest)
{
	if (!is_known(repeat) || !repeat->same || !repeat->slot->done)
		return false;
	take(repeats, repeat, digest);
	return true;
}

size_t sp_repeats_start(struct sp_repeats *repeats,
	const struct sp_repeat *repeat, struct sp_body *canon,
	struct sp_sha256 *hash)
{
	const struct sp_repeats_slot *slot = repeat->slot;

	if (!is_known(repeat) || !slot->offset || slot->offset > repeat->common)
		return 0;
	*canon = slot->body;
	*hash = slot->hash;
	repeats->stats.begun++;
	repeats->stats.bytes += slot->offset;
	return slot->offset;
}

size_t sp_repeats_stop(const struct sp_repeat *repeat, size_t start)
{
	const struct sp_repeats_slot *slot = repeat->slot;

	if (!is_known(repeat) || !slot->pending || slot->wanted <= start ||
		slot->wanted > repeat->common)
		return 0;
	return slot->wanted;
}

void sp_repeats_save(const struct sp_repeat *repeat, size_t offset,
	const struct sp_body *canon, const struct sp_sha256 *hash)
{
	if (!is_known(repeat))
		return;
	repeat->slot->offset = offset;
	repeat->slot->body = *canon;
	repeat->slot->hash = *hash;
}

void sp_repeats_store(
	const struct sp_repeat *repeat, const struct sp_body_digest *digest)
{
	struct sp_repeats_slot *slot = repeat->slot;

	if (!is_known(repeat) || !repeat->same)
		return;
	slot->total = digest->total;
	memcpy(slot->digest, digest->digest, sizeof(slot->digest));
	slot->done = true;
}

/* May the body come again, and has it paid to think so? */
static bool is_worth_it(
	const struct sp_repeats *repeats, const struct entry *entry)
{
	if (!entry->keep || entry->bytes.size > SP_REPEATS_BODY_BYTES)
		return false;
	return entry->hit || repeats->in_vain < PATIENCE ||
	       repeats->runs % RETRY_RUNS == 0;
}

/* Keeps the bytes of a body that may come again; forgets all others. */
static void keep_bytes(struct sp_repeats *repeats, struct entry *entry)
{
	size_t size = entry->bytes.size;
	bool keep = is_worth_it(repeats, entry);

	if (!entry->bytes.data || entry->bytes.data == entry->memory)
		return;
	if (keep && !entry->memory)
		entry->memory = malloc(SP_REPEATS_BODY_BYTES);
	if (!keep || !entry->memory) {
		entry->bytes = sp_span(NULL, 0);
		return;
	}
	memcpy(entry->memory, entry->bytes.data, size);
	entry->bytes.data = entry->memory;
	entry->kept_in_vain = !entry->hit;
	repeats->stats.kept_bytes += size;
}

void sp_repeats_end(struct sp_repeats *repeats)
{
	repeats->runs++;
	for (unsigned i = 0; i < SP_REPEATS_BODIES; i++) {
		struct entry *entry = &repeats->entries[i];

		keep_bytes(repeats, entry);
		entry->hit = false;
		for (unsigned k = 0; k < SLOTS; k++) {
			struct sp_repeats_slot *slot = &entry->slots[k];

			slot->asked = slot->pending = slot->led = false;
			slot->wanted = slot->offset;
		}
	}
	repeats->last = sp_span(NULL, 0);
	repeats->last_entry = NULL;
}

const struct sp_repeats_stats *sp_repeats_stats(
	const struct sp_repeats *repeats)
{
	return &repeats->stats;
}
