/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any body, cut anywhere, through any room, with any limit, comes out as the
 * naive reading of RFC 6376 3.4 says; so does what needs no copy.
 *
 * Input: canon (1 byte), room (1), limit (2), seed of the cuts (2), body.
 */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>

#include "canon/body.h"
#include "tests/unit/naive_canon.h"

#define HEAD_BYTES 6u

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct sink {
	struct sp_body body;
	char *room;
	size_t room_bytes;
	char *out;
	size_t size;
};

static void take(struct sink *sink, size_t size)
{
	assert(size <= sink->room_bytes);
	memcpy(sink->out + sink->size, sink->room, size);
	sink->size += size;
}

static void take_same(struct sink *sink, struct sp_span *in)
{
	struct sp_span same = sp_body_same(&sink->body, in, 1, in->size);

	memcpy(sink->out + sink->size, same.data, same.size);
	sink->size += same.size;
}

static void feed(struct sink *sink, struct sp_span in, uint32_t seed)
{
	uint32_t piece_max = 1u << seed % 14;
	size_t size;

	while (in.size) {
		struct sp_span piece = in;

		seed = seed * 1664525u + 1013904223u;
		if (piece.size > 1 + (seed >> 8) % piece_max)
			piece.size = 1 + (seed >> 8) % piece_max;
		in = sp_span_after(in, piece.size);
		if (seed >> 30 == 0)
			take_same(sink, &piece);
		while (piece.size)
			take(sink, sp_body_update(&sink->body, &piece,
					   sink->room, sink->room_bytes));
	}
	while ((size = sp_body_finish(
			&sink->body, sink->room, sink->room_bytes)))
		take(sink, size);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sink sink = {0};
	struct sp_span in;
	uint64_t limit;
	size_t total;
	char *expected;

	if (size < HEAD_BYTES)
		return 0;
	in = sp_span(data + HEAD_BYTES, size - HEAD_BYTES);
	limit = data[2] == 255 ? SP_LENGTH_NONE
			       : (uint64_t)data[2] << 8 | data[3];
	expected = calloc(2, in.size + 2);
	sink.room_bytes = SP_BODY_OUT_MIN + data[1];
	sink.room = malloc(sink.room_bytes);
	sink.out = malloc(2 * in.size + 4);
	sp_body_init(&sink.body, data[0] & 1, limit);
	feed(&sink, in, (uint32_t)(data[4] << 8 | data[5]));
	total = naive_body(expected, data[0] & 1, in.data, in.size);
	assert(sink.body.total == total);
	assert(sink.size == (total < limit ? total : limit));
	assert(memcmp(sink.out, expected, sink.size) == 0);
	free(expected);
	free(sink.room);
	free(sink.out);
	return 0;
}
