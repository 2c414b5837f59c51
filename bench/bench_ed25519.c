/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Ed25519 in lanes against OpenSSL with contexts kept per key: bench_ed25519
 * [ROUNDS]. Each round times both ways one after the other, so that what the
 * machine does to one it does to the other; the medians and their ratio are
 * printed.
 */
#include <openssl/crypto.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "crypto/ed25519.h"

#define KEYS SP_ED25519_BATCH
#define ROUNDS_MAX 1000u

enum item { SIGN, VERIFY_COLD, VERIFY_HOT, ITEMS };
static const char *const names[ITEMS] = {"sign", "verify cold", "verify hot"};
static const unsigned batches[] = {1, 2, 4, 8, 16, 32};
#define BATCHES (sizeof(batches) / sizeof(batches[0]))

/* Keys, a signature by each, and what either way keeps of them. */
struct bench {
	const struct sp_ed25519_kernel *kernel;
	const struct sp_ed25519_table *base, *hot;
	struct sp_pkey keys[KEYS];
	EVP_MD_CTX *sign[KEYS], *verify[KEYS];
	unsigned char digests[KEYS][32], signatures[KEYS][64];
	struct sp_job jobs[KEYS], *list[KEYS];
};

static void need(bool right)
{
	if (!right)
		abort();
}

static void bench_open(struct bench *bench)
{
	struct sp_ed25519_table *hot = aligned_alloc(64, sizeof(*hot));
	struct sp_error error;

	need(hot);
	bench->kernel = sp_ed25519_kernel();
	bench->base = sp_ed25519_base();
	for (unsigned i = 0; i < KEYS; i++) {
		struct sp_pkey *key = &bench->keys[i];

		need(sp_pkey_generate(key, SP_PKEY_ED25519, 0, &error) ==
			SP_OK);
		bench->sign[i] = EVP_MD_CTX_new();
		bench->verify[i] = EVP_MD_CTX_new();
		need(EVP_DigestSignInit(
			     bench->sign[i], NULL, NULL, NULL, key->evp) == 1);
		need(EVP_DigestVerifyInit(bench->verify[i], NULL, NULL, NULL,
			     key->evp) == 1);
		memset(bench->digests[i], (int)i, 32);
		bench->list[i] = &bench->jobs[i];
	}
	need(bench->kernel->build(hot, bench->keys[0].ed25519->public));
	bench->hot = hot;
}

/* A hot key is everybody's; otherwise each has its own. */
static void set_jobs(struct bench *bench, enum item item)
{
	for (unsigned i = 0; i < KEYS; i++)
		bench->jobs[i] = (struct sp_job){
			.kind = item == SIGN ? SP_JOB_SIGN : SP_JOB_VERIFY,
			.key = &bench->keys[item == VERIFY_HOT ? 0 : i],
			.digest = bench->digests[i],
			.digest_size = 32,
			.signature = bench->signatures[i],
			.signature_size = 64,
		};
}

static void by_openssl(struct bench *bench, enum item item, unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		unsigned key = item == VERIFY_HOT ? 0 : i;
		size_t size = 64;

		if (item == SIGN) {
			EVP_MD_CTX *sign = bench->sign[key];

			need(EVP_DigestSignInit(sign, NULL, NULL, NULL, NULL) ==
				1);
			need(EVP_DigestSign(sign, bench->signatures[i], &size,
				     bench->digests[i], 32) == 1);
		} else {
			EVP_MD_CTX *verify = bench->verify[key];

			need(EVP_DigestVerifyInit(
				     verify, NULL, NULL, NULL, NULL) == 1);
			need(EVP_DigestVerify(verify, bench->signatures[i], 64,
				     bench->digests[i], 32) == 1);
		}
	}
}

static void by_lanes(struct bench *bench, enum item item, unsigned count)
{
	if (item == SIGN)
		bench->kernel->sign(bench->base, bench->list, count);
	else
		bench->kernel->verify(bench->base,
			item == VERIFY_HOT ? bench->hot : NULL, bench->list,
			count);
	for (unsigned i = 0; i < count; i++)
		need(bench->jobs[i].outcome == SP_JOB_DONE);
}

static double now_us(void)
{
	struct timespec time;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
	return (double)time.tv_sec * 1e6 + (double)time.tv_nsec / 1e3;
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double median(double *samples, unsigned count)
{
	qsort(samples, count, sizeof(*samples), compare);
	return samples[count / 2];
}

static void compare_ways(
	struct bench *bench, enum item item, unsigned count, unsigned rounds)
{
	static double samples[2][ROUNDS_MAX];
	double us[2];

	for (unsigned round = 0; round < rounds; round++) {
		double begin = now_us(), between;

		by_openssl(bench, item, count);
		between = now_us();
		by_lanes(bench, item, count);
		samples[0][round] = between - begin;
		samples[1][round] = now_us() - between;
	}
	for (unsigned way = 0; way < 2; way++)
		us[way] = median(samples[way], rounds);
	printf("ed25519 %-11s batch %2u: OpenSSL %8.1f us %7.0f/s, lanes "
	       "%7.1f us %7.0f/s, ratio %.2f\n",
		names[item], count, us[0], count / us[0] * 1e6, us[1],
		count / us[1] * 1e6, us[0] / us[1]);
}

int main(int argc, char **argv)
{
	static struct bench bench;
	unsigned rounds = argc > 1 ? (unsigned)strtoul(argv[1], NULL, 10) : 51;

	if (rounds == 0 || rounds > ROUNDS_MAX)
		return 2;
	if (!sp_ed25519_kernel()) {
		printf("no Ed25519 kernel for this machine\n");
		return 0;
	}
	bench_open(&bench);
	printf("kernel %s, %s\n", bench.kernel->name,
		OpenSSL_version(OPENSSL_VERSION));
	for (int item = 0; item < ITEMS; item++) {
		set_jobs(&bench, (enum item)item);
		by_lanes(&bench, SIGN, KEYS); /* something to verify */
		for (unsigned i = 0; i < BATCHES; i++)
			compare_ways(
				&bench, (enum item)item, batches[i], rounds);
	}
	return 0;
}
