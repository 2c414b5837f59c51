/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Body hashes side by side, of bodies that come again whole, cut off, or with a
 * byte or the tail changed (engine/repeats.h): each is that of the body alone
 * by the scalar kernel and OpenSSL (RFC 6376 3.7 step 1).
 *
 * Input: six bytes for each job, up to one whose lowest bit is set; then the
 * text that bodies repeat. The six: canonicalization, algorithm, limit and
 * change; the size (2); where it changes (2); into what.
 */
#include <assert.h>
#include <openssl/evp.h>
#include <stdlib.h>

#include "canon/body.h"
#include "canon/scan.h"
#include "engine/bodyhash.h"

#define COMMAND_BYTES 6u
#define JOBS_MAX 40u
#define BODY_BYTES_MAX 20000u

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum command {
	COMMAND_LAST = 0x01,
	COMMAND_RELAXED = 0x02,
	COMMAND_SHA1 = 0x04,
	COMMAND_LIMIT = 0x08,
	COMMAND_RUN = 0x10, /* what there is so far */
	COMMAND_BYTE = 0x20, /* changes one */
	COMMAND_TAIL = 0x40, /* another one from there on */
};

/* One run of the stage: jobs and the memory of their bodies. */
struct batch {
	struct sp_body_job jobs[JOBS_MAX];
	struct sp_body_digest digests[JOBS_MAX];
	char *bodies[JOBS_MAX];
	size_t count;
};

static size_t number(const uint8_t *at)
{
	return (size_t)at[0] << 8 | at[1];
}

static void add(struct batch *batch, const uint8_t *command,
	const uint8_t *text, size_t text_size)
{
	size_t size = number(command + 1) % BODY_BYTES_MAX;
	size_t where = size ? number(command + 3) % size : 0;
	char *body = malloc(size ? size : 1);
	struct sp_body_digest *digest = &batch->digests[batch->count];

	assert(body);
	for (size_t i = 0; i < size; i++)
		body[i] = (char)(text_size ? text[i % text_size] : 'x');
	if (size && command[0] & COMMAND_BYTE)
		body[where] = (char)command[5];
	for (size_t i = where; i < size && command[0] & COMMAND_TAIL; i++)
		body[i] = (char)(i % 61 ? command[5] : '\n');
	*digest = (struct sp_body_digest){
		.canon = command[0] & COMMAND_RELAXED ? SP_CANON_RELAXED
						      : SP_CANON_SIMPLE,
		.algorithm = command[0] & COMMAND_SHA1 ? SP_SHA1 : SP_SHA256,
		.limit = command[0] & COMMAND_LIMIT ? 50u * command[5]
						    : SP_LENGTH_NONE,
	};
	batch->jobs[batch->count] =
		(struct sp_body_job){sp_span(body, size), digest};
	batch->bodies[batch->count++] = body;
}

static void check(const struct sp_body_job *job)
{
	const struct sp_body_digest *digest = job->digest;
	const EVP_MD *md =
		digest->algorithm == SP_SHA1 ? EVP_sha1() : EVP_sha256();
	unsigned char wanted[EVP_MAX_MD_SIZE];
	struct sp_span in = job->body;
	struct sp_body body;
	size_t size, used = 0;
	char *out = malloc(2 * in.size + 2 * SP_BODY_OUT_MIN);

	assert(out && digest->done);
	sp_body_init(&body, digest->canon, digest->limit);
	body.kernel = &sp_scan_scalar;
	while (in.size)
		used += sp_body_update(
			&body, &in, out + used, 2 * in.size + SP_BODY_OUT_MIN);
	while ((size = sp_body_finish(&body, out + used, SP_BODY_OUT_MIN)))
		used += size;
	assert(EVP_Digest(out, used, wanted, NULL, md, NULL) == 1);
	assert(digest->total == body.total);
	assert(memcmp(digest->digest, wanted, (size_t)EVP_MD_get_size(md)) ==
		0);
	free(out);
}

static void run(struct sp_bodyhash *stage, struct batch *batch)
{
	assert(sp_bodyhash_run(stage, batch->jobs, batch->count) == SP_OK);
	for (size_t i = 0; i < batch->count; i++)
		check(&batch->jobs[i]);
	for (size_t i = 0; i < batch->count; i++)
		free(batch->bodies[i]);
	batch->count = 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct batch batch;
	struct sp_bodyhash *stage = sp_bodyhash_open();
	size_t jobs = 0, text;

	assert(stage);
	while (jobs < JOBS_MAX && (jobs + 1) * COMMAND_BYTES <= size &&
		!(data[jobs * COMMAND_BYTES] & COMMAND_LAST))
		jobs++;
	text = jobs * COMMAND_BYTES;
	for (size_t i = 0; i < jobs; i++) {
		const uint8_t *command = data + i * COMMAND_BYTES;

		add(&batch, command, data + text, size - text);
		if (command[0] & COMMAND_RUN)
			run(stage, &batch);
	}
	run(stage, &batch);
	sp_bodyhash_close(stage);
	return 0;
}
