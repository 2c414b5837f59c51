/* SPDX-License-Identifier: Apache-2.0 */
/* Hashing (RFC 6376 3.3): known digests, pieces, interleaved streams. */
#include "crypto/digest.h"

#include <criterion/criterion.h>
#include <openssl/evp.h>
#include <stdlib.h>

#include "tests/unit/guard.h"

TestSuite(digest);

static void to_hex(char *hex, const unsigned char *digest, size_t size)
{
	for (size_t i = 0; i < size; i++)
		snprintf(hex + 2 * i, 3, "%02x", digest[i]);
}

/* FIPS 180-2 appendices A and B, and the digests of nothing. */
static const struct {
	enum sp_digest_algorithm algorithm;
	const char *text;
	size_t repeats;
	const char *hex;
} vectors[] = {
	{SP_SHA256, "", 1,
		"e3b0c44298fc1c149afbf4c8996fb924"
		"27ae41e4649b934ca495991b7852b855"},
	{SP_SHA256, "abc", 1,
		"ba7816bf8f01cfea414140de5dae2223"
		"b00361a396177a9cb410ff61f20015ad"},
	{SP_SHA256, "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
		1,
		"248d6a61d20638b8e5c026930c3e6039"
		"a33ce45964ff2167f6ecedd419db06c1"},
	{SP_SHA256, "a", 1000000,
		"cdc76e5c9914fb9281a1c7e284d73e67"
		"f1809a48a497200e046d39ccc7112cd0"},
	{SP_SHA1, "", 1, "da39a3ee5e6b4b0d3255bfef95601890afd80709"},
	{SP_SHA1, "abc", 1, "a9993e364706816aba3e25717850c26c9cd0d89d"},
	{SP_SHA1, "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 1,
		"84983e441c3bd26ebaae4aa1f95129e5e54670f1"},
	{SP_SHA1, "a", 1000000, "34aa973cd4c4daa4f61eeb2bdbad27316534016f"},
};

#define VECTORS (sizeof(vectors) / sizeof(vectors[0]))

static char *vector_text(size_t i, size_t *size)
{
	size_t once = strlen(vectors[i].text);
	char *text = malloc(once * vectors[i].repeats + 1);

	*size = once * vectors[i].repeats;
	for (size_t at = 0; at < *size; at += once)
		memcpy(text + at, vectors[i].text, once);
	return text;
}

Test(digest, runs_whole_inputs_to_their_known_digests)
{
	struct sp_hasher *hasher = sp_hasher_open();
	struct sp_digest_job jobs[VECTORS], *list[VECTORS];
	char *texts[VECTORS];

	for (size_t i = 0; i < VECTORS; i++) {
		size_t size;

		texts[i] = vector_text(i, &size);
		jobs[i] = (struct sp_digest_job){
			.input = sp_span(texts[i], size),
			.algorithm = vectors[i].algorithm,
		};
		list[i] = &jobs[i];
	}
	cr_assert_eq(sp_hasher_run(hasher, list, VECTORS), SP_OK);
	cr_assert_eq(sp_hasher_run(hasher, NULL, 0), SP_OK);
	for (size_t i = 0; i < VECTORS; i++) {
		char hex[65];

		to_hex(hex, jobs[i].digest,
			sp_digest_bytes(vectors[i].algorithm));
		cr_assert_str_eq(hex, vectors[i].hex);
		free(texts[i]);
	}
	sp_hasher_close(hasher);
}

Test(digest, streams_give_the_known_digests_in_pieces_of_any_size)
{
	static const size_t steps[] = {1, 63, 64, 65, 4096, 1 << 20};
	struct sp_hasher *hasher = sp_hasher_open();

	for (size_t v = 0; v < VECTORS; v++) {
		for (size_t s = 0; s < sizeof(steps) / sizeof(steps[0]); s++) {
			unsigned char digest[SP_DIGEST_BYTES_MAX];
			size_t size;
			char *text = vector_text(v, &size), hex[65];

			cr_assert_eq(sp_hasher_begin(
					     hasher, 0, vectors[v].algorithm),
				SP_OK);
			for (size_t at = 0; at < size; at += steps[s]) {
				struct sp_span piece = sp_span(text + at,
					size - at < steps[s] ? size - at
							     : steps[s]);

				cr_assert_eq(
					sp_hasher_update(hasher, &piece, 1),
					SP_OK);
			}
			cr_assert_eq(
				sp_hasher_finish(hasher, 0, digest), SP_OK);
			to_hex(hex, digest,
				sp_digest_bytes(vectors[v].algorithm));
			cr_assert_str_eq(hex, vectors[v].hex);
			free(text);
		}
	}
	sp_hasher_close(hasher);
}

/* What EVP_Digest(), not our code, says. */
static void reference(enum sp_digest_algorithm algorithm, const void *data,
	size_t size, unsigned char *digest)
{
	cr_assert(EVP_Digest(data, size, digest, NULL,
		algorithm == SP_SHA1 ? EVP_sha1() : EVP_sha256(), NULL));
}

Test(digest, every_split_around_blocks_gives_the_same)
{
	struct sp_hasher *hasher = sp_hasher_open();
	char text[200];

	for (size_t i = 0; i < sizeof(text); i++)
		text[i] = (char)(i * 7);
	for (size_t size = 0; size <= sizeof(text); size++) {
		char *copy = guard_copy(text, size);
		unsigned char expected[32], digest[32];

		reference(SP_SHA256, text, size, expected);
		for (size_t split = 0; split <= size; split++) {
			struct sp_span head = sp_span(copy, split);
			struct sp_span tail =
				sp_span(copy + split, size - split);

			cr_assert_eq(
				sp_hasher_begin(hasher, 3, SP_SHA256), SP_OK);
			struct sp_span pieces[4] = {[3] = head};
			cr_assert_eq(
				sp_hasher_update(hasher, pieces, 4), SP_OK);
			pieces[3] = tail;
			cr_assert_eq(
				sp_hasher_update(hasher, pieces, 4), SP_OK);
			cr_assert_eq(
				sp_hasher_finish(hasher, 3, digest), SP_OK);
			cr_assert_eq(memcmp(digest, expected, 32), 0);
		}
		guard_free(copy, size);
	}
	sp_hasher_close(hasher);
}

Test(digest, streams_do_not_disturb_each_other)
{
	struct sp_hasher *hasher = sp_hasher_open();
	static char text[SP_HASHER_STREAMS][9000];
	size_t left[SP_HASHER_STREAMS], total[SP_HASHER_STREAMS];
	unsigned busy = SP_HASHER_STREAMS;
	unsigned turn = 0;

	for (unsigned i = 0; i < SP_HASHER_STREAMS; i++) {
		total[i] = left[i] = 500 * i + 17;
		for (size_t k = 0; k < total[i]; k++)
			text[i][k] = (char)(k * (i + 3));
		cr_assert_eq(sp_hasher_begin(hasher, i,
				     i % 3 == 1 ? SP_SHA1 : SP_SHA256),
			SP_OK);
	}
	/* Whole inputs in between must not disturb the streams either. */
	while (busy) {
		struct sp_span pieces[SP_HASHER_STREAMS];
		struct sp_digest_job whole = {.input = sp_span("abc", 3)};
		struct sp_digest_job *list[] = {&whole};

		busy = 0;
		turn++;
		for (unsigned i = 0; i < SP_HASHER_STREAMS; i++) {
			size_t step = (turn * 37 + i * 101) % 300;

			if (step > left[i])
				step = left[i];
			pieces[i] = sp_span(text[i] + total[i] - left[i], step);
			left[i] -= step;
			busy += left[i] > 0;
		}
		cr_assert_eq(
			sp_hasher_update(hasher, pieces, SP_HASHER_STREAMS),
			SP_OK);
		cr_assert_eq(sp_hasher_run(hasher, list, 1), SP_OK);
		cr_assert_eq(whole.digest[0], 0xba);
	}
	for (unsigned i = 0; i < SP_HASHER_STREAMS; i++) {
		enum sp_digest_algorithm algorithm =
			i % 3 == 1 ? SP_SHA1 : SP_SHA256;
		unsigned char digest[32], expected[32];

		cr_assert_eq(sp_hasher_finish(hasher, i, digest), SP_OK);
		reference(algorithm, text[i], total[i], expected);
		cr_assert_eq(
			memcmp(digest, expected, sp_digest_bytes(algorithm)),
			0);
	}
	sp_hasher_close(hasher);
}

Test(digest, begin_starts_afresh_whatever_was_under_way)
{
	struct sp_hasher *hasher = sp_hasher_open();
	struct sp_span junk = sp_span_str("junk"), abc = sp_span_str("abc");
	unsigned char digest[32], expected[32];

	cr_assert_eq(sp_hasher_begin(hasher, 0, SP_SHA256), SP_OK);
	cr_assert_eq(sp_hasher_update(hasher, &junk, 1), SP_OK);
	cr_assert_eq(sp_hasher_begin(hasher, 0, SP_SHA1), SP_OK);
	cr_assert_eq(sp_hasher_update(hasher, &junk, 1), SP_OK);
	cr_assert_eq(sp_hasher_begin(hasher, 0, SP_SHA256), SP_OK);
	cr_assert_eq(sp_hasher_update(hasher, &abc, 1), SP_OK);
	cr_assert_eq(sp_hasher_finish(hasher, 0, digest), SP_OK);
	reference(SP_SHA256, "abc", 3, expected);
	cr_assert_eq(memcmp(digest, expected, 32), 0);
	sp_hasher_close(hasher);
	sp_hasher_close(NULL);
}
