/* SPDX-License-Identifier: Apache-2.0 */
/* What is done: positions by input, files sorted by name. */
#include "io/done.h"

#include <stdlib.h>

#include "io/maildir_name.h"

void sp_done_free(struct sp_done *done)
{
	free(done->mboxes);
	free(done->files);
	free(done->taken);
	*done = (struct sp_done){0};
}

enum sp_status sp_done_add_mbox(
	struct sp_done *done, size_t input, const struct sp_done_mbox *mbox)
{
	if (input >= done->mbox_count) {
		size_t count = input + 1;
		struct sp_done_mbox *more =
			realloc(done->mboxes, count * sizeof(*done->mboxes));

		if (!more)
			return SP_NO_MEMORY;
		memset(more + done->mbox_count, 0,
			(count - done->mbox_count) * sizeof(*more));
		done->mboxes = more;
		done->mbox_count = count;
	}
	done->mboxes[input] = *mbox;
	return SP_OK;
}

enum sp_status sp_done_add_file(struct sp_done *done, const char *entry)
{
	if (done->count == done->room) {
		size_t room = done->room ? done->room * 2 : 1024;
		const char **files =
			realloc(done->files, room * sizeof(*files));
		unsigned char *taken;

		if (!files)
			return SP_NO_MEMORY;
		done->files = files;
		taken = realloc(done->taken, room);
		if (!taken)
			return SP_NO_MEMORY;
		done->taken = taken;
		done->room = room;
	}
	done->taken[done->count] = 0;
	done->files[done->count++] = entry;
	return SP_OK;
}

static struct sp_span entry_name(const char *entry)
{
	const unsigned char *bytes = (const unsigned char *)entry;

	return sp_span(entry + SP_DONE_ENTRY_BYTES,
		(size_t)(bytes[0] | bytes[1] << 8));
}

static uint64_t entry_bytes(const char *entry)
{
	uint64_t bytes = 0;

	for (unsigned i = 0; i < 8; i++)
		bytes |= (uint64_t)(unsigned char)entry[2 + i] << 8 * i;
	return bytes;
}

static int compare_names(struct sp_span a, struct sp_span b)
{
	size_t common = a.size < b.size ? a.size : b.size;
	int order = common ? memcmp(a.data, b.data, common) : 0;

	return order ? order : (a.size > b.size) - (a.size < b.size);
}

static int compare(const void *a, const void *b)
{
	return compare_names(entry_name(*(const char *const *)a),
		entry_name(*(const char *const *)b));
}

void sp_done_sort(struct sp_done *done)
{
	if (done->count)
		qsort(done->files, done->count, sizeof(*done->files), compare);
}

struct sp_done_mbox sp_done_mbox(const struct sp_done *done, size_t input)
{
	return input < done->mbox_count ? done->mboxes[input]
					: (struct sp_done_mbox){0, 0};
}

bool sp_done_take(struct sp_done *done, struct sp_span name, uint64_t *bytes)
{
	size_t low = 0, high = done->count;

	/* The first that is not before name. */
	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (compare_names(entry_name(done->files[middle]), name) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	for (; low < done->count; low++) {
		if (!sp_span_equal(entry_name(done->files[low]), name))
			return false;
		if (!done->taken[low])
			break;
	}
	if (low == done->count)
		return false;
	done->taken[low] = 1;
	*bytes = entry_bytes(done->files[low]);
	return true;
}

void sp_done_name(struct sp_buffer *out, struct sp_span maildir,
	struct sp_span name, struct sp_span path)
{
	struct sp_span rest = sp_maildir_name_base(name);
	bool first = true;

	sp_buffer_clear(out);
	sp_buffer_add_char(out, maildir.size ? 'M' : 'F');
	if (!maildir.size) {
		sp_buffer_add(out, path);
		return;
	}
	sp_buffer_add(out, maildir);
	while (rest.data) {
		struct sp_span part = sp_span_split(&rest, ',');

		if (!first && (sp_maildir_name_is_size(part, 'S') ||
				      sp_maildir_name_is_size(part, 'W')))
			continue;
		sp_buffer_add_char(out, first ? '/' : ',');
		sp_buffer_add(out, part);
		first = false;
	}
}
