/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every kernel canonicalizes any body, cut anywhere, through any room, as the
 * scalar one does (RFC 6376 3.4.3, 3.4.4).
 *
 * Input: canon (1 byte), room (1), times the body is repeated (1), seed of the
 * cuts (2), body.
 */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>

#include "canon/body.h"
#include "canon/scan.h"

#define HEAD_BYTES 5u

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct result {
	char *bytes;
	size_t size;
	uint64_t total;
};

/* Exactly as much room as it may use, so that ASan sees a byte too far. */
struct room {
	char *bytes;
	size_t size;
};

static void take(struct result *result, const struct room *room, size_t size)
{
	assert(size <= room->size);
	memcpy(result->bytes + result->size, room->bytes, size);
	result->size += size;
}

static void take_same(
	struct result *result, struct sp_body *body, struct sp_span *in)
{
	struct sp_span same = sp_body_same(body, in, 1, in->size);

	memcpy(result->bytes + result->size, same.data, same.size);
	result->size += same.size;
}

static struct result canonicalize(const struct sp_scan_kernel *kernel,
	const uint8_t *head, struct sp_span in, const struct room *room)
{
	struct result result = {.bytes = malloc(2 * in.size + 4)};
	uint32_t seed = (uint32_t)(head[3] << 8 | head[4]);
	uint32_t piece_max = 1u << seed % 14;
	struct sp_body body;
	size_t size;

	sp_body_init(&body, head[0] & 1, SP_LENGTH_NONE);
	body.kernel = kernel;
	while (in.size) {
		struct sp_span piece = in;
		char *copy;

		seed = seed * 1664525u + 1013904223u;
		if (piece.size > 1 + (seed >> 8) % piece_max)
			piece.size = 1 + (seed >> 8) % piece_max;
		in = sp_span_after(in, piece.size);
		copy = malloc(piece.size);
		memcpy(copy, piece.data, piece.size);
		piece.data = copy;
		if (seed >> 30 == 0)
			take_same(&result, &body, &piece);
		while (piece.size)
			take(&result, room,
				sp_body_update(&body, &piece, room->bytes,
					room->size));
		free(copy);
	}
	while ((size = sp_body_finish(&body, room->bytes, room->size)))
		take(&result, room, size);
	result.total = body.total;
	return result;
}

static void compare(
	const uint8_t *head, struct sp_span in, const struct room *room)
{
	struct result truth = canonicalize(&sp_scan_scalar, head, in, room);

	for (size_t i = 0; sp_scan_kernels[i]; i++) {
		struct result result;

		if (!sp_scan_runs(sp_scan_kernels[i]))
			continue;
		result = canonicalize(sp_scan_kernels[i], head, in, room);
		assert(result.total == truth.total);
		assert(result.size == truth.size);
		assert(memcmp(result.bytes, truth.bytes, truth.size) == 0);
		free(result.bytes);
	}
	free(truth.bytes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t body_size, times;
	struct room room;
	char *body;

	if (size < HEAD_BYTES)
		return 0;
	body_size = size - HEAD_BYTES;
	times = 1 + data[2] % 8;
	room.size = SP_BODY_OUT_MIN + 8u * data[1];
	room.bytes = malloc(room.size);
	body = malloc(times * body_size + 1);
	for (size_t i = 0; i < times; i++)
		memcpy(body + i * body_size, data + HEAD_BYTES, body_size);
	compare(data, sp_span(body, times * body_size), &room);
	free(body);
	free(room.bytes);
	return 0;
}
