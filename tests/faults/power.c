/* SPDX-License-Identifier: Apache-2.0 */
/* A power cut, simulated: names undone from the last to the first. */
#include "tests/faults/power.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define CHANGES_MAX 100000u
#define FILES_MAX 4096u
#define NEXT(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

enum kind { CREATED, RENAMED, EXCHANGED, UNLINKED };

struct change {
	enum kind kind;
	char *from;
	char *to; /* UNLINKED: where the file is kept */
	bool synced;
};

struct file {
	int fd; /* a duplicate: the program closes its own */
	dev_t device;
	ino_t inode;
	off_t synced;
};

static struct change changes[CHANGES_MAX];
static size_t change_count;
static struct file files[FILES_MAX];
static size_t file_count;

static void add(enum kind kind, const char *from, const char *to)
{
	if (change_count == CHANGES_MAX)
		abort();
	changes[change_count++] = (struct change){
		kind, strdup(from), to ? strdup(to) : NULL, false};
}

void power_created(const char *path)
{
	add(CREATED, path, NULL);
}

static struct file *find(int fd)
{
	struct stat st;

	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode))
		return NULL;
	for (size_t i = 0; i < file_count; i++)
		if (files[i].inode == st.st_ino && files[i].device == st.st_dev)
			return &files[i];
	if (file_count == FILES_MAX)
		abort();
	files[file_count] = (struct file){
		fcntl(fd, F_DUPFD_CLOEXEC, 512), st.st_dev, st.st_ino, 0};
	return &files[file_count++];
}

void power_opened(int fd)
{
	struct file *file = find(fd);
	struct stat st;

	/* What it has when it is opened has been there before. */
	if (file && file->synced == 0 && fstat(fd, &st) == 0)
		file->synced = st.st_size;
}

void power_renaming(const char *from, const char *to, bool exchange)
{
	add(exchange ? EXCHANGED : RENAMED, from, to);
}

/* Keeps the file under another name, so that it can come back. */
void power_unlinking(const char *path)
{
	const char *grave = getenv("FAULT_GRAVE");
	char kept[PATH_MAX];

	snprintf(kept, sizeof(kept), "%s/%ld.%zu", grave ? grave : "/nowhere",
		(long)getpid(), change_count);
	add(UNLINKED, path, link(path, kept) == 0 ? kept : NULL);
}

void power_undone(void)
{
	change_count--;
}

static bool lies_in(const char *path, const char *folder)
{
	size_t size = strlen(folder);

	return path && strncmp(path, folder, size) == 0 && path[size] == '/' &&
	       !strchr(path + size + 1, '/');
}

void power_synced(int fd, const char *path)
{
	struct stat st;

	if (fstat(fd, &st) != 0)
		return;
	if (S_ISREG(st.st_mode)) {
		struct file *file = find(fd);

		if (file)
			file->synced = st.st_size;
		return;
	}
	for (size_t i = 0; i < change_count; i++)
		if (lies_in(changes[i].from, path) ||
			(changes[i].kind != UNLINKED &&
				lies_in(changes[i].to, path)))
			changes[i].synced = true;
}

static void undo(const struct change *change)
{
	switch (change->kind) {
	case CREATED:
		NEXT(unlink)(change->from);
		break;
	case RENAMED:
		NEXT(rename)(change->to, change->from);
		break;
	case EXCHANGED:
		NEXT(renameat2)
		(AT_FDCWD, change->from, AT_FDCWD, change->to, RENAME_EXCHANGE);
		break;
	case UNLINKED:
		if (change->to)
			NEXT(rename)(change->to, change->from);
		break;
	}
}

static void spoil(const struct file *file)
{
	struct stat st;

	if (fstat(file->fd, &st) != 0)
		return;
	for (off_t at = file->synced; at < st.st_size; at++)
		if (NEXT(pwrite)(file->fd, "\xaa", 1, at) != 1)
			break;
}

void power_cut(bool garbage)
{
	for (size_t i = 0; i < file_count; i++)
		if (garbage)
			spoil(&files[i]);
		else
			(void)!NEXT(ftruncate)(files[i].fd, files[i].synced);
	for (size_t i = change_count; i > 0; i--)
		if (!changes[i - 1].synced)
			undo(&changes[i - 1]);
}
