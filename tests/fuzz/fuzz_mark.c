/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every kernel finds all marks of an mbox (RFC 4155 appendix A) where the
 * scalar one does, in memory that begins and ends with the bytes.
 *
 * Input: times the bytes are repeated (1 byte), how many are left out at the
 * end (1), bytes.
 */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>

#include "io/mark.h"

#define HEAD_BYTES 2u

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void compare(
	const struct sp_mark_kernel *kernel, const char *at, const char *end)
{
	for (;;) {
		const char *truth = sp_mark_scalar.find(at, end);

		assert(kernel->find(at, end) == truth);
		if (!truth)
			return;
		at = truth + 1;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t part, times, all;
	char *bytes;

	if (size < HEAD_BYTES)
		return 0;
	part = size - HEAD_BYTES;
	times = 1 + data[0] % 16;
	bytes = malloc(times * part + 1);
	assert(bytes);
	for (size_t i = 0; i < times; i++)
		memcpy(bytes + i * part, data + HEAD_BYTES, part);
	all = times * part;
	all -= data[1] < all ? data[1] : all;
	/* So that ASan sees the first byte behind it. */
	if (all) {
		char *exact = malloc(all);

		assert(exact);
		memcpy(exact, bytes, all);
		for (size_t i = 0; sp_mark_kernels[i]; i++)
			if (sp_mark_runs(sp_mark_kernels[i]))
				compare(sp_mark_kernels[i], exact, exact + all);
		free(exact);
	}
	free(bytes);
	return 0;
}
