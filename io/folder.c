/* SPDX-License-Identifier: Apache-2.0 */
/* Folders and the sorted names in them. */
#include "io/folder.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* "parent/name", or name without the slashes at its end. */
static char *join(const struct sp_folder *parent, const char *name)
{
	size_t size = strlen(name);
	char *path;

	if (parent && strcmp(parent->path, "/") != 0)
		return asprintf(&path, "%s/%s", parent->path, name) < 0 ? NULL
									: path;
	if (parent)
		return asprintf(&path, "/%s", name) < 0 ? NULL : path;
	while (size > 1 && name[size - 1] == '/')
		size--;
	return strndup(name, size);
}

struct sp_folder *sp_folder_open(
	const struct sp_folder *parent, const char *name)
{
	int flags =
		O_RDONLY | O_DIRECTORY | O_CLOEXEC | (parent ? O_NOFOLLOW : 0);
	struct sp_folder *folder = calloc(1, sizeof(*folder));
	int error;

	if (!folder)
		return NULL;
	atomic_init(&folder->references, 1);
	folder->path = join(parent, name);
	folder->fd = folder->path ? openat(parent ? parent->fd : AT_FDCWD, name,
					    flags)
				  : -1;
	folder->dir = folder->fd >= 0 ? fdopendir(folder->fd) : NULL;
	if (folder->dir)
		return folder;
	error = folder->path ? errno : ENOMEM;
	if (folder->fd >= 0)
		close(folder->fd);
	free(folder->path);
	free(folder);
	errno = error;
	return NULL;
}

struct sp_folder *sp_folder_get(struct sp_folder *folder)
{
	atomic_fetch_add(&folder->references, 1);
	return folder;
}

void sp_folder_put(struct sp_folder *folder)
{
	if (!folder || atomic_fetch_sub(&folder->references, 1) != 1)
		return;
	closedir(folder->dir);
	free(folder->path);
	free(folder->maildir);
	free(folder);
}

/* Past the sizes of Maildir++, ",S=123" and ",W=123", that stand at name. */
static const char *past_sizes(const char *name)
{
	while (name[0] == ',' && (name[1] == 'S' || name[1] == 'W') &&
		name[2] == '=')
		name += 3 + strspn(name + 3, "0123456789");
	return name;
}

bool sp_folder_same_message(const char *a, const char *b)
{
	for (;; a++, b++) {
		a = past_sizes(a);
		b = past_sizes(b);
		if (!*a || *a == ':' || !*b || *b == ':')
			return (!*a || *a == ':') && (!*b || *b == ':');
		if (*a != *b)
			return false;
	}
}

struct sp_span sp_folder_message(const char *name)
{
	const char *end = name;

	while (*end && *end != ':' && past_sizes(end) == end)
		end++;
	return sp_span(name, (size_t)(end - name));
}

void sp_listing_begin(
	struct sp_listing *listing, struct sp_folder *folder, bool in_passes)
{
	*listing = (struct sp_listing){
		.folder = folder,
		.in_passes = in_passes,
		.names_max = in_passes ? SP_FOLDER_PASS_NAMES_MAX
				       : SP_FOLDER_NAMES_MAX,
	};
}

void sp_listing_free(struct sp_listing *listing)
{
	sp_folder_put(listing->folder);
	sp_buffer_free(&listing->text);
	free(listing->order);
	free(listing->last);
	*listing = (struct sp_listing){0};
}

const char *sp_listing_name(const struct sp_listing *listing, size_t i)
{
	return listing->text.data + listing->order[i] + 1;
}

static int compare(const void *a, const void *b, void *text)
{
	return strcmp((const char *)text + *(const size_t *)a + 1,
		(const char *)text + *(const size_t *)b + 1);
}

/* Sorts, and keeps the first names_max. */
static void keep_first(struct sp_listing *listing)
{
	struct sp_buffer kept = {0};

	if (listing->count == 0)
		return;
	qsort_r(listing->order, listing->count, sizeof(*listing->order),
		compare, listing->text.data);
	if (listing->count <= listing->names_max)
		return;
	listing->whole = false;
	listing->count = listing->names_max;
	for (size_t i = 0; i < listing->count; i++) {
		const char *entry = listing->text.data + listing->order[i];

		listing->order[i] = kept.size;
		sp_buffer_add(&kept, sp_span(entry, 2 + strlen(entry + 1)));
	}
	sp_buffer_free(&listing->text);
	listing->text = kept;
}

/*
 * Was it given out in an earlier pass? In a Maildir the last one may have been
 * renamed since, by ourselves too, to a name that sorts behind it.
 */
static bool is_past(const struct sp_listing *listing, const char *name)
{
	if (!listing->last)
		return false;
	return strcmp(name, listing->last) <= 0 ||
	       (listing->folder->maildir &&
		       sp_folder_same_message(name, listing->last));
}

/* Adds one name to the pass; false when memory is exhausted. */
static bool add_name(struct sp_listing *listing, const struct dirent *entry)
{
	if (listing->count == listing->room) {
		size_t room = listing->room ? 2 * listing->room : 256;
		size_t *grown =
			reallocarray(listing->order, room, sizeof(*grown));

		if (!grown)
			return false;
		listing->order = grown;
		listing->room = room;
	}
	listing->order[listing->count++] = listing->text.size;
	sp_buffer_add_char(&listing->text, (char)entry->d_type);
	sp_buffer_add(&listing->text,
		sp_span(entry->d_name, strlen(entry->d_name) + 1));
	if (listing->count >= 2 * listing->names_max)
		keep_first(listing);
	return sp_buffer_status(&listing->text) == SP_OK;
}

/*
 * Lists the first names behind the last one given out, or the next ones that
 * the folder has.
 */
static void read_lot(struct sp_listing *listing)
{
	struct dirent *entry;

	listing->whole = true;
	listing->count = listing->next = 0;
	sp_buffer_clear(&listing->text);
	if (listing->in_passes || !listing->begun)
		rewinddir(listing->folder->dir);
	listing->begun = true;
	for (;;) {
		errno = 0;
		if (!listing->in_passes &&
			listing->count == listing->names_max) {
			listing->whole = false;
			break;
		}
		entry = readdir(listing->folder->dir);
		if (!entry)
			break;
		if (entry->d_name[0] == '.' || is_past(listing, entry->d_name))
			continue;
		if (!add_name(listing, entry)) {
			errno = ENOMEM;
			break;
		}
	}
	listing->fault = errno;
	if (sp_buffer_status(&listing->text) == SP_OK)
		keep_first(listing);
	if (sp_buffer_status(&listing->text) != SP_OK) {
		listing->fault = ENOMEM;
		listing->count = 0;
	}
}

void sp_listing_load(struct sp_listing *listing)
{
	read_lot(listing);
}

/* Remembers where a pass ended; false when that was the end of it all. */
static bool next_lot(struct sp_listing *listing)
{
	if (listing->fault || listing->whole)
		return false;
	if (listing->count && listing->in_passes) {
		free(listing->last);
		listing->last =
			strdup(sp_listing_name(listing, listing->count - 1));
		if (!listing->last) {
			listing->fault = ENOMEM;
			return false;
		}
	}
	read_lot(listing);
	return listing->count > 0;
}

const char *sp_listing_next(struct sp_listing *listing, unsigned char *type)
{
	size_t i;

	if (listing->next == listing->count && !next_lot(listing))
		return NULL;
	i = listing->next++;
	*type = (unsigned char)listing->text.data[listing->order[i]];
	return sp_listing_name(listing, i);
}
