/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The key cache between two runs: a line that names the format, the SHA-256 of
 * all that follows it, and the answers that still hold, numbers in the order
 * of the network.
 */
#include "crypto/digest.h"
#include "engine/keycache_parts.h"

#define MAGIC "sealpress key cache 1\n"
#define MAGIC_BYTES (sizeof(MAGIC) - 1)
#define HEAD_BYTES (MAGIC_BYTES + SP_DIGEST_BYTES_MAX)

static void put(struct sp_buffer *out, uint64_t number, unsigned bytes)
{
	while (bytes-- > 0)
		sp_buffer_add_char(out, (char)(number >> 8 * bytes));
}

struct saving {
	struct sp_buffer *out;
	int64_t now_s; /* of the cache's clock */
	int64_t now; /* Unix time */
};

static void save_entry(void *context, struct sp_keyentry *entry)
{
	struct saving *saving = context;
	const struct sp_answer *answer = &entry->answer;
	struct sp_buffer *out = saving->out;

	if (atomic_load(&entry->state) == SP_KEY_PENDING ||
		entry->expires_s <= saving->now_s ||
		entry->expires_s == SP_KEYTABLE_NEVER ||
		(answer->status != SP_ANSWER_FOUND &&
			answer->status != SP_ANSWER_NXDOMAIN))
		return;
	put(out, entry->name.size, 2);
	sp_buffer_add(out, entry->name);
	put(out, (uint64_t)(saving->now + entry->expires_s - saving->now_s), 8);
	put(out, answer->dnssec, 1);
	put(out, answer->count, 1);
	for (size_t i = 0; i < answer->count; i++) {
		put(out, answer->values[i].size, 4);
		sp_buffer_add(out, answer->values[i]);
	}
}

static enum sp_status digest(unsigned char *out, struct sp_span bytes)
{
	struct sp_hasher *hasher = sp_hasher_open();
	struct sp_digest_job job = {.input = bytes, .algorithm = SP_SHA256};
	struct sp_digest_job *list = &job;
	enum sp_status status = SP_NO_MEMORY;

	if (hasher)
		status = sp_hasher_run(hasher, &list, 1);
	sp_hasher_close(hasher);
	memcpy(out, job.digest, SP_DIGEST_BYTES_MAX);
	return status;
}

enum sp_status sp_keycache_save(
	struct sp_keycache *cache, int64_t now, struct sp_buffer *out)
{
	struct saving saving = {out, cache->clock(), now};
	size_t start = out->size + HEAD_BYTES;
	unsigned char sum[SP_DIGEST_BYTES_MAX];

	sp_buffer_add_str(out, MAGIC);
	for (size_t i = 0; i < SP_DIGEST_BYTES_MAX; i++)
		sp_buffer_add_char(out, 0); /* the sum, in the end */
	sp_keytable_each(cache->table, save_entry, &saving);
	if (sp_buffer_status(out) != SP_OK)
		return SP_NO_MEMORY;
	if (digest(sum, sp_span(out->data + start, out->size - start)) != SP_OK)
		return SP_CRYPTO;
	memcpy(out->data + start - sizeof(sum), sum, sizeof(sum));
	return SP_OK;
}

/* What is left to be read; broken once it was too short. */
struct loading {
	struct sp_span rest;
	bool broken;
};

static struct sp_span take_bytes(struct loading *loading, size_t size)
{
	struct sp_span bytes = sp_span(loading->rest.data, size);

	if (loading->broken || size > loading->rest.size) {
		loading->broken = true;
		return sp_span(NULL, 0);
	}
	loading->rest = sp_span_after(loading->rest, size);
	return bytes;
}

static uint64_t take(struct loading *loading, unsigned bytes)
{
	struct sp_span from = take_bytes(loading, bytes);
	uint64_t number = 0;

	for (size_t i = 0; i < from.size; i++)
		number = number << 8 | (unsigned char)from.data[i];
	return number;
}

/* One answer; false when the bytes are none. */
static bool load_answer(struct loading *loading, struct sp_span *name,
	int64_t *expires, struct sp_answer *answer, struct sp_span *values)
{
	*answer = (struct sp_answer){
		.source = SP_KEY_SOURCE_DNS,
		.values = values,
	};
	*name = take_bytes(loading, take(loading, 2));
	*expires = (int64_t)take(loading, 8);
	answer->dnssec = (enum sp_dnssec)take(loading, 1);
	answer->count = take(loading, 1);
	if (answer->dnssec > SP_DNSSEC_SECURE ||
		answer->count > SP_KEY_RECORDS_MAX)
		return false;
	for (size_t i = 0; i < answer->count; i++)
		values[i] = take_bytes(loading, take(loading, 4));
	answer->status = answer->count ? SP_ANSWER_FOUND : SP_ANSWER_NXDOMAIN;
	return !loading->broken;
}

static enum sp_status add(struct sp_keycache *cache, struct sp_span name,
	const struct sp_answer *answer)
{
	struct sp_keyentry *entry = sp_keytable_make(cache->table, name);

	if (!entry)
		return SP_NO_MEMORY;
	if (!sp_keyentry_answer(cache, entry, answer)) {
		sp_keytable_release(cache->table, entry);
		return SP_NO_MEMORY;
	}
	/* Not longer than it had left, however short that is. */
	entry->expires_s = cache->clock() + answer->ttl_s;
	atomic_store(&entry->state, SP_KEY_RAW);
	entry = sp_keytable_insert(cache->table, entry, cache->clock());
	sp_keytable_release(cache->table, entry);
	return SP_OK;
}

/*
 * What is left of a lifetime is the TTL of the answer now; a clock that was
 * set back does not make it longer than it may ever be.
 */
static enum sp_status load_all(
	struct sp_keycache *cache, struct loading *loading, int64_t now)
{
	struct sp_span values[SP_KEY_RECORDS_MAX];
	struct sp_answer answer;
	struct sp_span name;
	int64_t expires;

	while (loading->rest.size) {
		if (!load_answer(loading, &name, &expires, &answer, values))
			return SP_CONFIG;
		if (expires <= now)
			continue;
		answer.ttl_s = expires - now > SP_KEY_TTL_MAX_S
				       ? SP_KEY_TTL_MAX_S
				       : (uint32_t)(expires - now);
		if (add(cache, name, &answer) != SP_OK)
			return SP_NO_MEMORY;
	}
	return SP_OK;
}

enum sp_status sp_keycache_load(struct sp_keycache *cache, struct sp_span bytes,
	int64_t now, const char *name, struct sp_error *error)
{
	unsigned char sum[SP_DIGEST_BYTES_MAX];
	struct loading loading = {0};
	enum sp_status status;

	if (!sp_span_starts(bytes, MAGIC) || bytes.size < HEAD_BYTES)
		return sp_error(error, SP_CONFIG,
			"%s: is not a key cache of this version; remove it, or "
			"name another file",
			name);
	loading.rest = sp_span_after(bytes, HEAD_BYTES);
	status = digest(sum, loading.rest);
	if (status == SP_OK &&
		memcmp(sum, bytes.data + MAGIC_BYTES, sizeof(sum)) == 0)
		status = load_all(cache, &loading, now);
	else if (status == SP_OK)
		status = SP_CONFIG;
	if (status == SP_CONFIG)
		return sp_error(error, status,
			"%s: the key cache is damaged; remove it", name);
	return status == SP_OK ? SP_OK
			       : sp_error(error, status,
					 "%s: not enough memory for the "
					 "key cache; free some",
					 name);
}
