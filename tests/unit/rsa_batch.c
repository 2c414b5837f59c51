/* SPDX-License-Identifier: Apache-2.0 */
/* Batches of RSA jobs for tests. */
#include "tests/unit/rsa_batch.h"

#include <criterion/criterion.h>
#include <openssl/rand.h>
#include <openssl/x509.h>
#include <stdlib.h>

#include "crypto/rsa.h"
#include "tests/unit/lane_ops.h"
#include "tests/unit/guard.h"
#include "tests/unit/parse.h"

const struct sp_rsa_kernel *rsa_kernel(void)
{
	return sp_rsa_kernel() ? sp_rsa_kernel() : lane_ops_model.rsa;
}

void rsa_ready(struct sp_pkey *key)
{
	if (!key->rsa)
		key->rsa = sp_rsa_open(key->evp, key->private_half);
}

void rsa_load(struct sp_pkey *key, unsigned bits)
{
	struct sp_error error = {0};
	char path[64];
	size_t size;
	char *text;

	snprintf(path, sizeof(path), "corpus/keys/rsa%u.pem", bits);
	text = test_read_file(path, &size);
	cr_assert(text, "%s", path);
	cr_assert_eq(sp_pkey_parse_private(
			     key, sp_span(text, size), path, NULL, &error),
		SP_OK, "%s", error.text);
	free(text);
	rsa_ready(key);
}

void rsa_load_public(struct sp_pkey *public, const struct sp_pkey *key)
{
	unsigned char *bytes = NULL;
	int size = i2d_PUBKEY(key->evp, &bytes);

	cr_assert_eq(
		parse_public(public, SP_PKEY_RSA, sp_span(bytes, (size_t)size)),
		SP_REASON_OK);
	OPENSSL_free(bytes);
	rsa_ready(public);
	for (unsigned i = 0; i < SP_RSA_USES_MIN; i++)
		(void)sp_rsa_public(public->rsa, public->evp);
	cr_assert(sp_rsa_public(public->rsa, public->evp));
}

void rsa_batch_sign(
	struct rsa_batch *batch, struct sp_pkey *keys, unsigned key_count)
{
	cr_assert_eq(RAND_bytes(batch->digests[0], sizeof(batch->digests)), 1);
	for (unsigned i = 0; i < RSA_JOBS; i++) {
		enum sp_digest_algorithm hash =
			i % 5 == 3 ? SP_SHA1 : SP_SHA256;

		batch->jobs[i] = (struct sp_job){
			.kind = SP_JOB_SIGN,
			.key = &keys[i % key_count],
			.hash = hash,
			.digest = batch->digests[i],
			.digest_size = sp_digest_bytes(hash),
			.signature = batch->signatures[i],
		};
	}
}

void rsa_batch_run(
	struct sp_lanes *lanes, struct rsa_batch *batch, unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		sp_lanes_submit(lanes, &batch->jobs[i]);
	sp_lanes_run(lanes);
}

void rsa_expect_same(struct sp_lanes *ours, struct sp_lanes *theirs,
	struct sp_pkey *keys, unsigned key_count, unsigned count)
{
	static struct rsa_batch batch, copy;

	rsa_batch_sign(&batch, keys, key_count);
	copy = batch;
	for (unsigned i = 0; i < RSA_JOBS; i++)
		copy.jobs[i].signature = copy.signatures[i];
	rsa_batch_run(ours, &batch, count);
	rsa_batch_run(theirs, &copy, count);
	for (unsigned i = 0; i < count; i++) {
		size_t size = batch.jobs[i].key->signature_bytes;

		cr_expect_eq(batch.jobs[i].outcome, SP_JOB_DONE);
		cr_expect_eq(batch.jobs[i].signature_size, size);
		cr_expect_eq(
			memcmp(batch.signatures[i], copy.signatures[i], size),
			0, "job %u of %u", i, count);
	}
}
