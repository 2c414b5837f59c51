/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Journals (io/journal.h) of any bytes: what is read lies within the file, is
 * the same again when its torn tail is cut off, and is found under its name.
 */
#include <assert.h>
#include <stdint.h>

#include "io/journal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct sp_span name_of(const char *entry)
{
	const unsigned char *bytes = (const unsigned char *)entry;

	return sp_span(entry + SP_DONE_ENTRY_BYTES,
		(size_t)(bytes[0] | bytes[1] << 8));
}

static void take_all(struct sp_done *done)
{
	uint64_t bytes;

	for (size_t i = 0; i < done->count; i++)
		assert(sp_done_take(done, name_of(done->files[i]), &bytes));
	for (size_t i = 0; i < done->count; i++)
		assert(!sp_done_take(done, name_of(done->files[i]), &bytes));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sp_journal_state state, again;
	struct sp_span any = {NULL, 0};
	struct sp_error error;
	uint64_t end, same;

	if (sp_journal_read(&state, sp_span(data, size), "j", any, &end,
		    &error) == SP_OK) {
		assert(end <= size);
		assert(state.note.good <= state.note.messages);
		assert(sp_journal_read(&again, sp_span(data, (size_t)end), "j",
			       any, &same, &error) == SP_OK);
		assert(same == end && again.id == state.id);
		assert(again.runs == state.runs);
		assert(again.done.count == state.done.count);
		sp_journal_state_free(&again);
		take_all(&state.done);
	}
	sp_journal_state_free(&state);
	return 0;
}
