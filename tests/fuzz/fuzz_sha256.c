/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whatever is done with the streams of a hasher, every kernel and plans that
 * mix them say what OpenSSL's EVP says (FIPS 180-4).
 *
 * Input: commands. Four bytes set the pieces of the next update: low half of
 * the first, which stream; its high half, what else (enum); then where in the
 * text, and how long (2 bytes). Whole inputs are hashed at the end, one for
 * every command.
 */
#include <assert.h>
#include <openssl/evp.h>
#include <stdint.h>
#include <string.h>

#include "crypto/digest.h"
#include "crypto/sha256.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define PLANS_MAX (SP_SHA256_KERNELS_MAX + 3u)
#define COMMAND_BYTES 4u
#define COMMANDS_MAX 150u
#define PIECE_MAX 8200u
#define WHOLE_MAX 700u
#define TEXT_BYTES (PIECE_MAX + 256u)

enum { BEGIN_SHA256, BEGIN_SHA1, FINISH, UPDATE, PIECE /* and all above */ };

static struct sp_hasher *hashers[PLANS_MAX];
static size_t hashers_count;
static char text[TEXT_BYTES];

struct stream {
	EVP_MD_CTX *truth;
	bool busy;
	enum sp_digest_algorithm algorithm;
};

static struct stream streams[SP_HASHER_STREAMS];

static void open_once(void)
{
	struct sp_sha256_kernel kernels[SP_SHA256_KERNELS_MAX];
	struct sp_sha256_plan plan;
	size_t count = sp_sha256_kernels(kernels);

	if (hashers_count)
		return;
	for (size_t i = 0; i < TEXT_BYTES; i++)
		text[i] = (char)(i * 2654435761u >> 11);
	for (unsigned i = 0; i < SP_HASHER_STREAMS; i++)
		streams[i].truth = EVP_MD_CTX_new();
	for (size_t i = 0; i < count; i++) {
		sp_sha256_plan(&plan, &kernels[i], 1);
		hashers[hashers_count++] = sp_hasher_open_plan(&plan);
	}
	if (count) {
		sp_sha256_plan(&plan, kernels, count);
		hashers[hashers_count++] = sp_hasher_open_plan(&plan);
		/* Each kernel is the best for some number of lanes. */
		for (size_t i = 0; i < count; i++)
			kernels[i].cost = 300 + 180 * kernels[i].lanes;
		sp_sha256_plan(&plan, kernels, count);
		hashers[hashers_count++] = sp_hasher_open_plan(&plan);
	}
	hashers[hashers_count++] = sp_hasher_open_plan(NULL);
}

static void begin(unsigned i, enum sp_digest_algorithm algorithm)
{
	struct stream *stream = &streams[i];

	assert(EVP_DigestInit_ex(stream->truth,
		algorithm == SP_SHA1 ? EVP_sha1() : EVP_sha256(), NULL));
	for (size_t h = 0; h < hashers_count; h++)
		assert(sp_hasher_begin(hashers[h], i, algorithm) == SP_OK);
	stream->busy = true;
	stream->algorithm = algorithm;
}

static void update(struct sp_span *pieces)
{
	for (unsigned i = 0; i < SP_HASHER_STREAMS; i++) {
		if (!streams[i].busy)
			pieces[i].size = 0;
		assert(EVP_DigestUpdate(
			streams[i].truth, pieces[i].data, pieces[i].size));
	}
	for (size_t h = 0; h < hashers_count; h++)
		assert(sp_hasher_update(
			       hashers[h], pieces, SP_HASHER_STREAMS) == SP_OK);
	memset(pieces, 0, SP_HASHER_STREAMS * sizeof(*pieces));
}

static void finish(unsigned i)
{
	struct stream *stream = &streams[i];
	unsigned char expected[EVP_MAX_MD_SIZE], digest[SP_DIGEST_BYTES_MAX];

	if (!stream->busy)
		return;
	stream->busy = false;
	assert(EVP_DigestFinal_ex(stream->truth, expected, NULL));
	for (size_t h = 0; h < hashers_count; h++) {
		assert(sp_hasher_finish(hashers[h], i, digest) == SP_OK);
		assert(memcmp(digest, expected,
			       sp_digest_bytes(stream->algorithm)) == 0);
	}
}

static void run_whole(struct sp_digest_job *const *jobs, size_t count)
{
	unsigned char expected[COMMANDS_MAX][EVP_MAX_MD_SIZE];

	for (size_t i = 0; i < count; i++)
		assert(EVP_Digest(jobs[i]->input.data, jobs[i]->input.size,
			expected[i], NULL,
			jobs[i]->algorithm == SP_SHA1 ? EVP_sha1()
						      : EVP_sha256(),
			NULL));
	for (size_t h = 0; h < hashers_count; h++) {
		assert(sp_hasher_run(hashers[h], jobs, count) == SP_OK);
		for (size_t i = 0; i < count; i++)
			assert(memcmp(jobs[i]->digest, expected[i],
				       sp_digest_bytes(jobs[i]->algorithm)) ==
				0);
	}
}

static void obey(unsigned command, unsigned i, struct sp_span input,
	struct sp_span *pieces)
{
	if (command == FINISH || command == UPDATE)
		update(pieces);
	if (command == FINISH)
		finish(i);
	else if (command <= BEGIN_SHA1)
		begin(i, (enum sp_digest_algorithm)command);
	else
		pieces[i] = input;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sp_span pieces[SP_HASHER_STREAMS] = {{0}};
	struct sp_digest_job jobs[COMMANDS_MAX], *list[COMMANDS_MAX];
	size_t count = size / COMMAND_BYTES;

	open_once();
	if (count > COMMANDS_MAX)
		count = COMMANDS_MAX;
	for (unsigned i = 0; i < SP_HASHER_STREAMS; i++)
		streams[i].busy = false;
	for (size_t i = 0; i < count; i++, data += COMMAND_BYTES) {
		struct sp_span input = sp_span(
			text + data[1], (data[2] * 256u + data[3]) % PIECE_MAX);

		obey(data[0] >> 4, data[0] % SP_HASHER_STREAMS, input, pieces);
		jobs[i] = (struct sp_digest_job){
			.input = sp_span(input.data, input.size % WHOLE_MAX),
			.algorithm = data[0] % 16 ? SP_SHA256 : SP_SHA1,
		};
		list[i] = &jobs[i];
	}
	update(pieces);
	for (unsigned i = 0; i < SP_HASHER_STREAMS; i++)
		finish(i);
	run_whole(list, count);
	return 0;
}
