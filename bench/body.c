/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Canonical bodies (RFC 6376 3.4.3, 3.4.4) by every kernel, against the scalar
 * kernel and against memcpy of the same bytes; "pieces" goes through an output
 * of 8 KB, as hashing does. Then canonicalizing and hashing as one stage,
 * against hashing alone.
 */
#include "canon/body.h"

#include <stdio.h>
#include <stdlib.h>

#include <openssl/evp.h>

#include "bench/bench.h"
#include "bench/letters.h"
#include "canon/scan.h"
#include "engine/bodyhash.h"

#define BODY_BYTES (1u << 20)
#define OUT_BYTES (2 * BODY_BYTES + 2 * SP_BODY_OUT_MIN)
/* Input, output and what sets them apart; whole pages. */
#define MEMORY_BYTES ((BODY_BYTES + 2048 + OUT_BYTES + 4095) / 4096 * 4096)
#define PIECE_BYTES 8192u
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

struct state {
	const struct sp_scan_kernel *kernel;
	enum sp_canon canon;
	size_t size, room;
	char *in, *out;
};

static void canon_by(
	const struct state *state, const struct sp_scan_kernel *kernel)
{
	struct sp_span rest = sp_span(state->in, state->size);
	struct sp_body body;

	sp_body_init(&body, state->canon, SP_LENGTH_NONE);
	body.kernel = kernel;
	while (rest.size)
		sp_body_update(&body, &rest, state->out, state->room);
	while (sp_body_finish(&body, state->out, state->room))
		;
}

static void by_kernel(void *arg)
{
	const struct state *state = arg;

	canon_by(state, state->kernel);
}

static void by_scalar(void *arg)
{
	canon_by(arg, &sp_scan_scalar);
}

static void by_memcpy(void *arg)
{
	const struct state *state = arg;

	memcpy(state->out, state->in, state->size);
	/* Or the compiler may think nobody looks. */
	__asm__ volatile("" : : "r"(state->out) : "memory");
}

/*
 * Half a page apart from each other: where input and output advance side by
 * side, a store that stands at the place in its page where the next load does
 * holds that up, and what is measured is malloc's luck.
 */
static void open_state(struct state *state, enum letters_body kind)
{
	struct sp_buffer body = {0};
	char *memory = aligned_alloc(4096, MEMORY_BYTES);

	bench_need(memory != NULL, "out of memory");
	state->in = memory;
	state->out = memory + BODY_BYTES + 2048;
	letters_add_body(&body, kind, state->size);
	memcpy(state->in, body.data, state->size);
	memset(state->out, 0, OUT_BYTES);
	sp_buffer_free(&body);
}

static void measure(struct bench *bench, const char *name, struct state *state,
	enum letters_body kind, bool by_copy)
{
	struct bench_item item = {
		.group = "canon",
		.baseline = by_copy ? "memcpy" : "scalar",
		.unit = BENCH_BYTES,
		.work = (double)state->size,
		.ours = by_kernel,
		.base = by_copy ? by_memcpy : by_scalar,
	};

	snprintf(item.name, sizeof(item.name), "%s", name);
	bench_variant(&item, state->kernel->name);
	if (!bench_wants(bench, &item))
		return;
	open_state(state, kind);
	bench_measure(bench, &item, state);
	free(state->in);
}

static void measure_kernel(
	struct bench *bench, const struct sp_scan_kernel *kernel)
{
	static const struct {
		const char *name;
		enum sp_canon canon;
		size_t room;
	} ways[] = {
		{"relaxed", SP_CANON_RELAXED, OUT_BYTES},
		{"relaxed-pieces", SP_CANON_RELAXED, PIECE_BYTES},
		{"simple", SP_CANON_SIMPLE, OUT_BYTES},
	};

	for (int kind = 0; kind < LETTERS_BODIES; kind++) {
		for (size_t i = 0; i < COUNT(ways); i++) {
			struct state state = {kernel, ways[i].canon, BODY_BYTES,
				ways[i].room, NULL, NULL};
			char name[BENCH_NAME_BYTES];

			snprintf(name, sizeof(name), "%s-%s", ways[i].name,
				letters_body_names[kind]);
			if (kernel != &sp_scan_scalar)
				measure(bench, name, &state,
					(enum letters_body)kind, false);
			if (ways[i].room != PIECE_BYTES)
				measure(bench, name, &state,
					(enum letters_body)kind, true);
		}
	}
}

/* How the cost goes with the size of a message. */
static void sweep(struct bench *bench)
{
	static const struct {
		const char *name;
		size_t size;
	} sizes[] = {{"relaxed-html-2k", 2 << 10},
		{"relaxed-html-20k", 20 << 10},
		{"relaxed-html-200k", 200 << 10}};

	for (size_t i = 0; i < COUNT(sizes); i++) {
		struct state state = {sp_scan_kernel(), SP_CANON_RELAXED,
			sizes[i].size, OUT_BYTES, NULL, NULL};

		measure(bench, sizes[i].name, &state, LETTERS_HTML, false);
	}
}

/* Many messages in flight, as the engine has them. */
struct stage {
	struct sp_bodyhash *bodyhash;
	EVP_MD_CTX *evp;
	size_t count, size;
	struct sp_buffer body;
	struct sp_body_job jobs[LETTERS_MAX];
	struct sp_body_digest digests[LETTERS_MAX];
};

static void run_stage(void *arg)
{
	struct stage *stage = arg;

	bench_need(sp_bodyhash_run(
			   stage->bodyhash, stage->jobs, stage->count) == SP_OK,
		"hashing bodies fails");
}

static void hash_alone(void *arg)
{
	struct stage *stage = arg;
	unsigned char digest[32];

	for (size_t i = 0; i < stage->count; i++)
		bench_need(EVP_DigestInit_ex2(stage->evp, NULL, NULL) == 1 &&
				   EVP_DigestUpdate(stage->evp,
					   stage->jobs[i].body.data,
					   stage->jobs[i].body.size) == 1 &&
				   EVP_DigestFinal_ex(
					   stage->evp, digest, NULL) == 1,
			"OpenSSL does not hash");
}

static void open_stage(struct stage *stage, enum letters_body kind)
{
	stage->bodyhash = sp_bodyhash_open();
	stage->evp = EVP_MD_CTX_new();
	bench_need(
		stage->bodyhash && stage->evp &&
			EVP_DigestInit_ex2(stage->evp, EVP_sha256(), NULL) == 1,
		"out of memory");
	letters_add_body(&stage->body, kind, stage->count * stage->size);
	for (size_t i = 0; i < stage->count; i++) {
		stage->digests[i] = (struct sp_body_digest){
			.canon = SP_CANON_RELAXED,
			.limit = SP_LENGTH_NONE,
			.algorithm = SP_SHA256,
		};
		/* Different bodies: equal ones need not be hashed twice. */
		stage->jobs[i] = (struct sp_body_job){
			.body = sp_span(stage->body.data + i * stage->size,
				stage->size),
			.digest = &stage->digests[i],
		};
	}
}

static void measure_stage(
	struct bench *bench, const char *name, enum letters_body kind)
{
	struct stage stage = {.count = LETTERS_MAX, .size = 20u << 10};
	struct bench_item item = {
		.group = "canon",
		.baseline = "openssl-sha256",
		.unit = BENCH_BYTES,
		.work = (double)stage.count * (double)stage.size,
		.ours = run_stage,
		.base = hash_alone,
	};

	snprintf(item.name, sizeof(item.name), "%s", name);
	bench_variant(&item, sp_scan_kernel()->name);
	if (!bench_wants(bench, &item))
		return;
	open_stage(&stage, kind);
	bench_measure(bench, &item, &stage);
	sp_bodyhash_close(stage.bodyhash);
	EVP_MD_CTX_free(stage.evp);
	sp_buffer_free(&stage.body);
}

void bench_body(struct bench *bench)
{
	measure_stage(bench, "bodyhash-html", LETTERS_HTML);
	measure_stage(bench, "bodyhash-qp", LETTERS_QP);
	measure_stage(bench, "bodyhash-base64", LETTERS_BASE64);
	for (size_t i = 0; sp_scan_kernels[i]; i++)
		if (sp_scan_runs(sp_scan_kernels[i]))
			measure_kernel(bench, sp_scan_kernels[i]);
	sweep(bench);
}
