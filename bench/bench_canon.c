/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bench_canon [ROUNDS]: the canonical body (RFC 6376 3.4.3, 3.4.4) by every
 * kernel, against memcpy and the scalar kernel on the same megabyte, all in
 * turn within one round; medians of CPU time. "pieces" goes through an output
 * of 8 KB, as hashing does.
 */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "canon/body.h"
#include "canon/scan.h"
#include "corpus/blocks.h"

#define BODY_BYTES (1u << 20)
#define OUT_BYTES (2 * BODY_BYTES + 2 * SP_BODY_OUT_MIN)
#define PIECE_BYTES 8192u
#define ROUNDS_MAX 1001u
#define BASE64_COLUMNS 76u
#define RUNS_MAX 16u

enum body_kind { HTML, BASE64, QP, HTML_CRLF, BASE64_CRLF, BODY_KINDS };

static const char *const kind_names[] = {
	"HTML", "base64", "quoted-printable", "HTML, CRLF", "base64, CRLF"};

struct run {
	const char *name;
	const struct sp_scan_kernel *kernel; /* NULL: memcpy */
	enum sp_canon canon;
	size_t room;
	double seconds[ROUNDS_MAX];
};

/*
 * Half a page apart from each other: where input and output advance side by
 * side, a store that stands at the place in its page where the next load does
 * holds that up, and what is measured is malloc's luck.
 */
static _Alignas(4096) char in[BODY_BYTES];
static _Alignas(4096) char out_pages[2048 + OUT_BYTES];
static char *const out = out_pages + 2048;
static struct run runs[RUNS_MAX];

static double cpu_seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
	return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static void add_html(
	struct sp_buffer *body, enum encoding encoding, const char *newline)
{
	struct blocks *blocks = malloc(sizeof(*blocks));
	struct random random = random_stream(1, 1);

	assert(blocks != NULL);
	blocks_init(blocks, 1, newline);
	while (body->size < BODY_BYTES) {
		struct block *block =
			&blocks->html[random_below(&random, BLOCKS_HTML)];

		sp_buffer_add(body, sp_buffer_span(&block->as[encoding]));
	}
	blocks_free(blocks);
	free(blocks);
}

static void add_base64(struct sp_buffer *body, const char *newline)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdef"
				     "ghijklmnopqrstuvwxyz0123456789+/";
	struct random random = random_stream(1, 2);

	while (body->size < BODY_BYTES) {
		for (unsigned i = 0; i < BASE64_COLUMNS; i++)
			sp_buffer_add_char(
				body, digits[random_below(&random, 64)]);
		sp_buffer_add_str(body, newline);
	}
}

static void make_body(struct sp_buffer *body, enum body_kind kind)
{
	const char *newline = kind >= HTML_CRLF ? "\r\n" : "\n";

	if (kind == BASE64 || kind == BASE64_CRLF)
		add_base64(body, newline);
	else
		add_html(body, kind == QP ? ENCODING_QP : ENCODING_8BIT,
			newline);
}

static void run_body(const struct run *run)
{
	struct sp_span rest = sp_span(in, BODY_BYTES);
	struct sp_body body;

	if (!run->kernel) {
		memcpy(out, in, BODY_BYTES);
		/* Or the compiler may think nobody looks. */
		__asm__ volatile("" : : "r"(out) : "memory");
		return;
	}
	sp_body_init(&body, run->canon, SP_LENGTH_NONE);
	body.kernel = run->kernel;
	while (rest.size)
		sp_body_update(&body, &rest, out, run->room);
	while (sp_body_finish(&body, out, run->room))
		;
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static void measure(size_t count, unsigned rounds)
{
	for (unsigned round = 0; round < rounds; round++) {
		for (size_t i = 0; i < count; i++) {
			double start = cpu_seconds();

			run_body(&runs[i]);
			runs[i].seconds[round] = cpu_seconds() - start;
		}
	}
	for (size_t i = 0; i < count; i++)
		qsort(runs[i].seconds, rounds, sizeof(double), compare);
}

/* What runs[i] is compared to: the same by the scalar kernel. */
static const struct run *scalar_of(const struct run *run, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (runs[i].kernel == &sp_scan_scalar &&
			runs[i].canon == run->canon &&
			runs[i].room == run->room)
			return &runs[i];
	return run;
}

static void print(const char *kind, size_t count, unsigned rounds)
{
	for (size_t i = 0; i < count; i++) {
		double seconds = runs[i].seconds[rounds / 2];
		const struct run *scalar = scalar_of(&runs[i], count);

		printf("| %s | %s | %s | %.1f | %.2f | %.1f |\n", kind,
			runs[i].name,
			runs[i].kernel ? runs[i].kernel->name : "",
			BODY_BYTES / seconds * 1e-9,
			runs[0].seconds[rounds / 2] / seconds,
			scalar->seconds[rounds / 2] / seconds);
	}
}

static size_t list_runs(void)
{
	size_t count = 0;

	runs[count++] = (struct run){.name = "memcpy"};
	for (size_t k = 0; sp_scan_kernels[k]; k++) {
		const struct sp_scan_kernel *kernel = sp_scan_kernels[k];

		if (!sp_scan_runs(kernel))
			continue;
		assert(count + 3 <= RUNS_MAX);
		runs[count++] = (struct run){
			"relaxed", kernel, SP_CANON_RELAXED, OUT_BYTES, {0}};
		runs[count++] = (struct run){"relaxed, pieces", kernel,
			SP_CANON_RELAXED, PIECE_BYTES, {0}};
		runs[count++] = (struct run){
			"simple", kernel, SP_CANON_SIMPLE, OUT_BYTES, {0}};
	}
	return count;
}

int main(int argc, char **argv)
{
	unsigned rounds = argc > 1 ? (unsigned)strtoul(argv[1], NULL, 10) : 101;
	size_t count = list_runs();

	if (rounds < 1 || rounds > ROUNDS_MAX)
		rounds = ROUNDS_MAX;
	printf("| body | what | kernel | GB/s | of memcpy | of scalar |\n"
	       "|---|---|---|---|---|---|\n");
	for (int kind = 0; kind < BODY_KINDS; kind++) {
		struct sp_buffer body = {0};

		make_body(&body, kind);
		assert(sp_buffer_status(&body) == SP_OK);
		memcpy(in, body.data, BODY_BYTES);
		measure(count, rounds);
		print(kind_names[kind], count, rounds);
		sp_buffer_free(&body);
	}
	return 0;
}
