/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A program that is ten percent slower in one place, to prove the regression
 * gate: linked with --wrap for each function below, whose name in
 * SEALPRESS_SLOW makes that one slow. The sources know nothing of it. Without
 * that name it has the same detours, and is what the slow one is compared with.
 *
 * What takes long is timed, and a tenth of that time wasted. Of what is short,
 * one call of many is timed, and the tenth of all of them wasted there: reading
 * the clock each time would be more than ten percent of it. What reading the
 * clock takes belongs to the waste.
 *
 * With SEALPRESS_SLOW_TURNS each short call wastes so many turns of an empty
 * loop instead: callgrind counts them, and knows no time.
 */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "canon/header.h"
#include "canon/scan.h"
#include "cli/report.h"
#include "crypto/base64.h"
#include "crypto/ed25519.h"
#include "crypto/rsa_kernel.h"
#include "crypto/sha256_kernels.h"
#include "engine/bodyhash.h"
#include "engine/keycache.h"
#include "engine/signature.h"
#include "io/mbox.h"

#define PART 0.1
#define EVERY 97 /* calls; a prime: all kinds of them have their turn */
#define READS 1000

static double clock_ns; /* what reading the clock takes */

static bool is_slow(const char *name)
{
	const char *slow = getenv("SEALPRESS_SLOW");

	return slow && strcmp(slow, name) == 0;
}

static double now_ns(void)
{
	return (double)sp_clock_ns();
}

__attribute__((constructor)) static void time_the_clock(void)
{
	double start = now_ns();

	for (int i = 1; i < READS; i++)
		(void)now_ns();
	clock_ns = (now_ns() - start) / READS;
}

/*
 * A call that began at start ends now: wastes part of the time it took. Both
 * readings, and half of the one that finds the time to be over, are waste.
 */
static void waste_part(double start, double part)
{
	double end = now_ns();
	double until = end + (end - start - clock_ns) * part - 2.5 * clock_ns;

	while (now_ns() < until)
		;
}

static void waste(double start)
{
	waste_part(start, PART);
}

static void waste_of_many(double start)
{
	waste_part(start, PART * EVERY);
}

/* When a short call began, if it is to be timed; else 0. */
static double begin_short(unsigned *calls)
{
	static int turns = -1;
	const char *text;

	if (turns < 0) {
		text = getenv("SEALPRESS_SLOW_TURNS");
		turns = text ? atoi(text) : 0;
	}
	for (volatile int turn = 0; turn < turns; turn++)
		;
	return turns == 0 && ++*calls % EVERY == 0 ? now_ns() : 0;
}

/* Timed, without and with a value. */
#define TIMED(function, parameters, arguments) \
	void __real_##function parameters; \
	void __wrap_##function parameters; \
	void __wrap_##function parameters \
	{ \
		static int slow = -1; \
		double start; \
		if (slow < 0) \
			slow = is_slow(#function); \
		start = slow ? now_ns() : 0; \
		__real_##function arguments; \
		if (slow) \
			waste(start); \
	}
#define TIMED_TYPE(type, function, parameters, arguments) \
	type __real_##function parameters; \
	type __wrap_##function parameters; \
	type __wrap_##function parameters \
	{ \
		static int slow = -1; \
		double start; \
		type result; \
		if (slow < 0) \
			slow = is_slow(#function); \
		start = slow ? now_ns() : 0; \
		result = __real_##function arguments; \
		if (slow) \
			waste(start); \
		return result; \
	}
#define SHORT(function, parameters, arguments) \
	void __real_##function parameters; \
	void __wrap_##function parameters; \
	void __wrap_##function parameters \
	{ \
		static int slow = -1; \
		static unsigned calls; \
		double start = 0; \
		if (slow < 0) \
			slow = is_slow(#function); \
		if (slow) \
			start = begin_short(&calls); \
		__real_##function arguments; \
		if (start > 0) \
			waste_of_many(start); \
	}
#define SHORT_TYPE(type, function, parameters, arguments) \
	type __real_##function parameters; \
	type __wrap_##function parameters; \
	type __wrap_##function parameters \
	{ \
		static int slow = -1; \
		static unsigned calls; \
		double start = 0; \
		type result; \
		if (slow < 0) \
			slow = is_slow(#function); \
		if (slow) \
			start = begin_short(&calls); \
		result = __real_##function arguments; \
		if (start > 0) \
			waste_of_many(start); \
		return result; \
	}

TIMED_TYPE(enum sp_status, sp_bodyhash_run,
	(struct sp_bodyhash * stage, const struct sp_body_job *jobs,
		size_t count),
	(stage, jobs, count))
TIMED(sp_lanes_run, (struct sp_lanes * lanes), (lanes))
SHORT_TYPE(enum sp_status, sp_keycache_get,
	(struct sp_keycache * cache, const struct sp_span *names, size_t count,
		const struct sp_keyset **sets),
	(cache, names, count, sets))
SHORT_TYPE(enum sp_status, sp_keyrecord_parse,
	(struct sp_keyrecord * record, struct sp_span value), (record, value))
TIMED(sp_sha256_shani_two,
	(struct sp_sha256_state *const *states,
		const unsigned char *const *data, size_t blocks),
	(states, data, blocks))
TIMED(sp_sha256_avx512,
	(struct sp_sha256_state *const *states,
		const unsigned char *const *data, size_t blocks),
	(states, data, blocks))
SHORT_TYPE(enum sp_status, sp_message_split,
	(struct sp_message * message, struct sp_arena *arena,
		struct sp_span bytes, const struct sp_message_limits *limits,
		enum sp_reason *reason),
	(message, arena, bytes, limits, reason))
SHORT_TYPE(enum sp_status, sp_signature_parse,
	(struct sp_signature * signature, struct sp_arena *arena,
		const struct sp_field *field, enum sp_reason *reason),
	(signature, arena, field, reason))
SHORT_TYPE(size_t, sp_mbox_find,
	(struct sp_span bytes, size_t from, bool at_start),
	(bytes, from, at_start))
SHORT_TYPE(size_t, sp_base64_encode, (char *out, struct sp_span in), (out, in))
SHORT_TYPE(bool, sp_base64_decode,
	(unsigned char *out, size_t *size, struct sp_span text),
	(out, size, text))

SHORT(sp_header_canon,
	(struct sp_buffer * out, enum sp_canon canon,
		const struct sp_field *field),
	(out, canon, field))

/* Kernels: the tables are wrapped, and filled when the program starts. */
extern const struct sp_scan_kernel __real_sp_scan_vbmi2, __real_sp_scan_avx2;
extern struct sp_scan_kernel __wrap_sp_scan_vbmi2, __wrap_sp_scan_avx2;
struct sp_scan_kernel __wrap_sp_scan_vbmi2, __wrap_sp_scan_avx2;
extern const struct sp_rsa_kernel __real_sp_rsa_ifma;
extern struct sp_rsa_kernel __wrap_sp_rsa_ifma;
struct sp_rsa_kernel __wrap_sp_rsa_ifma;
extern const struct sp_ed25519_kernel __real_sp_ed25519_ifma;
extern struct sp_ed25519_kernel __wrap_sp_ed25519_ifma;
struct sp_ed25519_kernel __wrap_sp_ed25519_ifma;
extern const struct sp_report_format __real_sp_report_ndjson;
extern struct sp_report_format __wrap_sp_report_ndjson;
struct sp_report_format __wrap_sp_report_ndjson;

/* A call may be a whole body, and few of them a sample: each is timed. */
static char *slow_vbmi2(struct sp_span *in, char *to, const char *end)
{
	double start = now_ns();

	to = __real_sp_scan_vbmi2.relaxed(in, to, end);
	waste(start);
	return to;
}

static char *slow_avx2(struct sp_span *in, char *to, const char *end)
{
	double start = now_ns();

	to = __real_sp_scan_avx2.relaxed(in, to, end);
	waste(start);
	return to;
}

static void slow_power(struct sp_rsa_private_pass *pass)
{
	double start = now_ns();

	__real_sp_rsa_ifma.power(pass);
	waste(start);
}

static void slow_open(struct sp_rsa_public_pass *pass)
{
	double start = now_ns();

	__real_sp_rsa_ifma.open(pass);
	waste(start);
}

static void slow_sign(const struct sp_ed25519_table *base,
	struct sp_job *const *jobs, size_t count)
{
	double start = now_ns();

	__real_sp_ed25519_ifma.sign(base, jobs, count);
	waste(start);
}

static void slow_verify(const struct sp_ed25519_table *base,
	const struct sp_ed25519_table *hot, struct sp_job *const *jobs,
	size_t count)
{
	double start = now_ns();

	__real_sp_ed25519_ifma.verify(base, hot, jobs, count);
	waste(start);
}

static void slow_record(
	struct sp_buffer *out, const struct sp_record *record, bool signing)
{
	static unsigned calls;
	double start = ++calls % EVERY == 0 ? now_ns() : 0;

	__real_sp_report_ndjson.record(out, record, signing);
	if (start > 0)
		waste_of_many(start);
}

__attribute__((constructor)) static void fill(void)
{
	__wrap_sp_scan_vbmi2 = __real_sp_scan_vbmi2;
	__wrap_sp_scan_avx2 = __real_sp_scan_avx2;
	__wrap_sp_rsa_ifma = __real_sp_rsa_ifma;
	__wrap_sp_ed25519_ifma = __real_sp_ed25519_ifma;
	__wrap_sp_report_ndjson = __real_sp_report_ndjson;
	if (is_slow("sp_scan_vbmi2"))
		__wrap_sp_scan_vbmi2.relaxed = slow_vbmi2;
	if (is_slow("sp_scan_avx2"))
		__wrap_sp_scan_avx2.relaxed = slow_avx2;
	if (is_slow("sp_rsa_ifma.power"))
		__wrap_sp_rsa_ifma.power = slow_power;
	if (is_slow("sp_rsa_ifma.open"))
		__wrap_sp_rsa_ifma.open = slow_open;
	if (is_slow("sp_ed25519_ifma.sign"))
		__wrap_sp_ed25519_ifma.sign = slow_sign;
	if (is_slow("sp_ed25519_ifma.verify"))
		__wrap_sp_ed25519_ifma.verify = slow_verify;
	if (is_slow("sp_report_ndjson"))
		__wrap_sp_report_ndjson.record = slow_record;
}
