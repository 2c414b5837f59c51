/* SPDX-License-Identifier: Apache-2.0 */
/* Walking through folders (maildir(5)). */
#include "io/walk.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

/* Opens a folder for a listing, which stays empty when that fails. */
static enum sp_status open_listing(struct sp_walk *walk,
	struct sp_listing *listing, const struct sp_folder *parent,
	const char *name, const char *maildir)
{
	struct sp_folder *folder = sp_folder_open(parent, name);
	char text[128];

	if (!folder && errno == ENOMEM)
		return SP_NO_MEMORY;
	if (!folder) {
		sp_skip(walk->skips, "%s%s%s: cannot be opened: %s",
			parent ? parent->path : "", parent ? "/" : "", name,
			strerror_r(errno, text, sizeof(text)));
		return SP_OK;
	}
	if (maildir) {
		folder->maildir = strdup(maildir);
		folder->in_new = strcmp(name, "new") == 0;
		if (!folder->maildir) {
			sp_folder_put(folder);
			return SP_NO_MEMORY;
		}
	}
	sp_listing_begin(listing, folder, walk->in_place);
	return SP_OK;
}

/* Makes a folder the one that is listed. */
static enum sp_status enter(struct sp_walk *walk,
	const struct sp_folder *parent, const char *name, const char *maildir)
{
	struct sp_listing *listing = &walk->level[walk->depth];
	enum sp_status status =
		open_listing(walk, listing, parent, name, maildir);

	walk->depth += listing->folder != NULL;
	return status;
}

/* Lists new, and keeps its names: none of them is to come with cur. */
static enum sp_status list_new(
	struct sp_walk *walk, const struct sp_folder *maildir)
{
	struct sp_listing *fresh = &walk->fresh;
	enum sp_status status =
		open_listing(walk, fresh, maildir, "new", maildir->path);

	if (!fresh->folder)
		return status;
	sp_listing_load(fresh);
	for (size_t i = 0; i < fresh->count && status == SP_OK; i++) {
		const char *name = sp_listing_name(fresh, i);
		struct sp_span message = sp_folder_message(name);

		if (!sp_map_get(&walk->fresh_names, message))
			status = sp_map_add(&walk->fresh_names, message,
				(void *)(uintptr_t)name);
	}
	return status;
}

/*
 * Was it in new when that was listed, and has come from there? Then it comes
 * with that. If new still has one of this name, they are two.
 */
static bool comes_with_new(const struct sp_walk *walk,
	const struct sp_folder *cur, const char *name)
{
	const char *fresh =
		sp_map_get(&walk->fresh_names, sp_folder_message(name));
	struct stat there, here;

	if (!fresh || !sp_folder_same_message(name, fresh))
		return false;
	if (fstatat(walk->fresh.folder->fd, fresh, &there,
		    AT_SYMLINK_NOFOLLOW) != 0)
		return errno == ENOENT;
	return fstatat(cur->fd, name, &here, AT_SYMLINK_NOFOLLOW) == 0 &&
	       there.st_dev == here.st_dev && there.st_ino == here.st_ino;
}

/* The next of the two folders of a Maildir. */
static enum sp_status enter_maildir(struct sp_walk *walk)
{
	struct sp_folder *maildir;
	enum sp_status status;
	char text[128];

	if (walk->folders++ > 0) {
		sp_map_free(&walk->fresh_names);
		walk->level[0] = walk->fresh;
		walk->depth = walk->fresh.folder != NULL;
		walk->fresh = (struct sp_listing){0};
		return SP_OK;
	}
	maildir = sp_folder_open(NULL, walk->maildir);
	if (!maildir) {
		if (errno == ENOMEM)
			return SP_NO_MEMORY;
		sp_skip(walk->skips, "%s: cannot be opened: %s", walk->maildir,
			strerror_r(errno, text, sizeof(text)));
		return SP_OK;
	}
	status = list_new(walk, maildir);
	if (status == SP_OK)
		status = enter(walk, maildir, "cur", maildir->path);
	sp_folder_put(maildir);
	return status;
}

enum sp_status sp_walk_begin(struct sp_walk *walk, const char *path,
	bool maildir, bool in_place, struct sp_skips *skips)
{
	*walk = (struct sp_walk){
		.skips = skips,
		.maildir = maildir ? path : NULL,
		.in_place = in_place,
	};
	return maildir ? SP_OK : enter(walk, NULL, path, NULL);
}

/* What an entry is, as far as it concerns us. */
enum entry { ENTRY_FILE, ENTRY_FOLDER, ENTRY_SKIP };

static enum entry skip(struct sp_walk *walk, const struct sp_folder *folder,
	const char *name, const char *what)
{
	sp_skip(walk->skips, "%s/%s: is %s; skipped", folder->path, name, what);
	return ENTRY_SKIP;
}

static enum entry look_at_link(
	struct sp_walk *walk, const struct sp_folder *folder, const char *name)
{
	struct stat info;
	char what[80];

	if (walk->in_place)
		return skip(walk, folder, name,
			"a symbolic link, which is not replaced in its place");
	if (fstatat(folder->fd, name, &info, 0) != 0)
		return skip(walk, folder, name,
			errno == ENOENT
				? "a symbolic link to nothing"
				: "a symbolic link that cannot be followed");
	if (S_ISREG(info.st_mode))
		return ENTRY_FILE;
	snprintf(what, sizeof(what), "a symbolic link to %s, not to a message",
		sp_skip_kind(info.st_mode));
	return skip(walk, folder, name, what);
}

static enum entry look_at(struct sp_walk *walk, const struct sp_folder *folder,
	const char *name, unsigned char type)
{
	struct stat info;
	mode_t mode = DTTOIF(type);
	char what[80];

	if (type == DT_UNKNOWN) {
		/* A file that has gone is for the reader to report. */
		if (fstatat(folder->fd, name, &info, AT_SYMLINK_NOFOLLOW) != 0)
			return ENTRY_FILE;
		mode = info.st_mode;
	}
	if (S_ISREG(mode))
		return ENTRY_FILE;
	if (S_ISLNK(mode))
		return look_at_link(walk, folder, name);
	if (S_ISDIR(mode) && !folder->maildir)
		return ENTRY_FOLDER;
	snprintf(what, sizeof(what), "%s, not a message", sp_skip_kind(mode));
	return skip(walk, folder, name, what);
}

/* The listing on top has come to its end. */
static enum sp_status leave(struct sp_walk *walk)
{
	struct sp_listing *listing = &walk->level[--walk->depth];
	int fault = listing->fault;
	char text[128];

	if (fault && fault != ENOMEM)
		sp_skip(walk->skips, "%s: cannot be read to its end: %s",
			listing->folder->path,
			strerror_r(fault, text, sizeof(text)));
	sp_listing_free(listing);
	if (fault == ENOMEM)
		return SP_NO_MEMORY;
	return SP_OK;
}

/* Is there a listing to go on with? Enters the folders of a Maildir in turn. */
static bool has_more(struct sp_walk *walk, enum sp_status *status)
{
	while (*status == SP_OK && walk->depth == 0 && walk->maildir &&
		walk->folders < 2)
		*status = enter_maildir(walk);
	return *status == SP_OK && walk->depth > 0;
}

enum sp_status sp_walk_next(struct sp_walk *walk, struct sp_walk_file *file)
{
	enum sp_status status = SP_OK;

	*file = (struct sp_walk_file){0};
	while (has_more(walk, &status)) {
		struct sp_listing *listing = &walk->level[walk->depth - 1];
		struct sp_folder *folder = listing->folder;
		unsigned char type;
		const char *name = sp_listing_next(listing, &type);
		enum entry entry;

		if (!name) {
			status = leave(walk);
			continue;
		}
		if (walk->fresh_names.count &&
			comes_with_new(walk, folder, name))
			continue;
		entry = look_at(walk, folder, name, type);
		if (entry == ENTRY_FILE) {
			*file = (struct sp_walk_file){folder, name};
			return SP_OK;
		}
		if (entry == ENTRY_FOLDER && walk->depth == SP_WALK_DEPTH_MAX)
			skip(walk, folder, name, "too many folders deep");
		else if (entry == ENTRY_FOLDER)
			status = enter(walk, folder, name, NULL);
	}
	return status;
}

void sp_walk_end(struct sp_walk *walk)
{
	while (walk->depth)
		sp_listing_free(&walk->level[--walk->depth]);
	sp_listing_free(&walk->fresh);
	sp_map_free(&walk->fresh_names);
}
