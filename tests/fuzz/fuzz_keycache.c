/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The file of the key cache: what is none is refused; one whose sum is right is
 * taken or refused, whatever it says, and what was taken can be written and
 * taken again. Nothing in it makes the cache larger than its bound.
 */
#include <assert.h>
#include <openssl/sha.h>

#include "engine/keycache.h"

#define BYTES_MAX (256u << 10)
#define NOW 1000

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Nobody is asked: there has to be a network for answers to be kept. */
static void start(struct sp_resolver *resolver, struct sp_query *queries)
{
	(void)resolver;
	assert(!queries);
}

static int64_t fuzz_clock(void)
{
	return NOW;
}

static enum sp_status load(struct sp_span bytes, struct sp_buffer *out)
{
	static const struct sp_resolver_ops ops = {
		.name = "none", .start = start};
	const struct sp_keycache_options options = {
		.entries_max = 64, .bytes_max = BYTES_MAX, .clock = fuzz_clock};
	struct sp_resolver resolver = {&ops};
	struct sp_resolver *list = &resolver;
	struct sp_keycache *cache = sp_keycache_open(&list, 1, &options);
	struct sp_keycache_stats stats;
	struct sp_error error;
	enum sp_status status;

	assert(cache);
	status = sp_keycache_load(cache, bytes, NOW, "file", &error);
	assert(status == SP_OK || status == SP_CONFIG);
	sp_keycache_stats(cache, &stats);
	assert(stats.bytes <= BYTES_MAX);
	if (status == SP_OK && out)
		assert(sp_keycache_save(cache, NOW, out) == SP_OK);
	sp_keycache_close(cache);
	return status;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sp_buffer file = {.data = NULL}, again = {.data = NULL};
	unsigned char sum[SHA256_DIGEST_LENGTH];

	(void)load(sp_span(data, size), NULL);
	SHA256(data, size, sum);
	sp_buffer_add_str(&file, "sealpress key cache 1\n");
	sp_buffer_add(&file, sp_span(sum, sizeof(sum)));
	sp_buffer_add(&file, sp_span(data, size));
	if (load(sp_buffer_span(&file), &again) == SP_OK)
		assert(load(sp_buffer_span(&again), NULL) == SP_OK);
	sp_buffer_free(&file);
	sp_buffer_free(&again);
	return 0;
}
