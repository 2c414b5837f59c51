/* SPDX-License-Identifier: Apache-2.0 */
/* Reading a batch of message files (maildir(5)). */
#include "io/files.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io/large.h"

enum sp_status sp_file_set(struct sp_file *file, struct sp_arena *arena,
	struct sp_folder *folder, const char *name)
{
	struct sp_span base = sp_span_str(folder ? folder->path : "");
	struct sp_span last = sp_span_str(name);
	bool slash = base.size && base.data[base.size - 1] != '/';
	size_t size = base.size + slash + last.size;
	char *path = sp_arena_alloc(arena, size + 1, 1);
	const char *part;

	if (!path)
		return SP_NO_MEMORY;
	memcpy(path, base.data, base.size);
	if (slash)
		path[base.size] = '/';
	memcpy(path + base.size + slash, last.data, last.size + 1);
	part = strrchr(path, '/');
	*file = (struct sp_file){
		.folder = folder ? sp_folder_get(folder) : NULL,
		.name = folder ? path + size - last.size
			       : (part ? part + 1 : path),
		.path = sp_span(path, size),
	};
	return SP_OK;
}

/* How to open it. */
static int dir_of(const struct sp_file *file)
{
	return file->folder ? file->folder->fd : AT_FDCWD;
}

static const char *name_of(const struct sp_file *file)
{
	return file->folder ? file->name : file->path.data;
}

/* What a list names may be anything; true when it is no regular file. */
static bool is_other(const struct sp_file *file, struct sp_skips *skips)
{
	struct stat info;

	if (fstatat(dir_of(file), name_of(file), &info, 0) != 0 ||
		S_ISREG(info.st_mode))
		return false;
	sp_skip(skips, "%s: is %s, not a message; skipped", file->path.data,
		sp_skip_kind(info.st_mode));
	return true;
}

static struct sp_read_file read_of(const struct sp_file *file, char *slot)
{
	return (struct sp_read_file){
		.dir_fd = dir_of(file),
		.name = name_of(file),
		.buffer = slot,
		.room = SP_FILE_SLOT_BYTES,
	};
}

static bool is_gone(const struct sp_file *file, const struct sp_read_file *read)
{
	return read->result == -ENOENT && file->folder && file->folder->maildir;
}

/* Takes the file that a name in cur belongs to, if any, to its new place. */
static enum sp_status match_moved(struct sp_file *files, size_t count,
	struct sp_folder *cur, const char *name, struct sp_arena *arena)
{
	for (size_t i = 0; i < count; i++) {
		struct sp_file *file = &files[i];
		struct sp_folder *old = file->folder;
		enum sp_status status;

		if (!file->sought || old == cur ||
			strcmp(old->maildir, cur->maildir) != 0 ||
			!sp_folder_same_message(name, file->name))
			continue;
		status = sp_file_set(file, arena, cur, name);
		if (status == SP_OK)
			sp_folder_put(old);
		return status;
	}
	return SP_OK;
}

/* Looks through cur of a Maildir for the files that are sought. */
static enum sp_status seek_moved(struct sp_file *files, size_t count,
	const char *maildir, struct sp_arena *arena)
{
	struct sp_folder *parent = sp_folder_open(NULL, maildir);
	struct sp_folder *cur = parent ? sp_folder_open(parent, "cur") : NULL;
	enum sp_status status = SP_OK;
	struct dirent *entry;

	sp_folder_put(parent);
	if (!cur)
		return SP_OK;
	cur->maildir = strdup(maildir);
	if (!cur->maildir)
		status = SP_NO_MEMORY;
	while (status == SP_OK && (entry = readdir(cur->dir)))
		if (entry->d_name[0] != '.')
			status = match_moved(
				files, count, cur, entry->d_name, arena);
	sp_folder_put(cur);
	return status;
}

/*
 * A second chance for Maildir files that have another name by now: one look
 * through cur for all that are gone from a Maildir.
 */
static enum sp_status read_moved(struct sp_file *files,
	struct sp_read_file *reads, size_t count, struct sp_reader *reader,
	struct sp_arena *arena)
{
	enum sp_status status = SP_OK;

	for (size_t i = 0; i < count && status == SP_OK; i++) {
		const char *maildir;

		if (files[i].sought || !is_gone(&files[i], &reads[i]))
			continue;
		maildir = files[i].folder->maildir;
		for (size_t k = i; k < count; k++)
			if (is_gone(&files[k], &reads[k]) &&
				!strcmp(files[k].folder->maildir, maildir))
				files[k].sought = true;
		status = seek_moved(files, count, maildir, arena);
		for (size_t k = i; k < count; k++) {
			if (reads[k].name == name_of(&files[k]))
				continue;
			reads[k] = read_of(&files[k], reads[k].buffer);
			reader->ops->read_files(reader, &reads[k], 1);
		}
	}
	return status;
}

/* Memory that the longer files of a batch may still use. */
struct budget {
	size_t left;
};

/* Opens a regular file and says how large it is now; or -errno. */
static int open_regular(const struct sp_file *file, uint64_t *bytes)
{
	int fd = openat(dir_of(file), name_of(file), SP_READ_FLAGS | O_CLOEXEC);
	struct stat info = {0};
	int trouble = 0;

	if (fd < 0)
		return -errno;
	if (fstat(fd, &info) != 0)
		trouble = errno;
	else if (!S_ISREG(info.st_mode))
		trouble = ENXIO;
	*bytes = (uint64_t)info.st_size;
	if (trouble == 0)
		return fd;
	close(fd);
	return -trouble;
}

/*
 * A file that its slot does not hold: read again as a whole, from one open
 * file, of which the size now is what counts.
 */
static enum sp_status read_long(const struct sp_file *file,
	struct sp_reader *reader, struct sp_mails *mails, struct sp_mail *mail,
	struct budget *budget)
{
	struct sp_large_place place = {0};
	char *bytes;
	ssize_t got;

	place.fd = open_regular(file, &place.bytes);
	if (place.fd < 0) {
		mail->trouble = -place.fd;
		return SP_OK;
	}
	if (place.bytes > SP_MESSAGE_MEMORY_MAX || place.bytes > budget->left)
		return sp_large_attach(mails, mail, &place);
	budget->left -= (size_t)place.bytes;
	bytes = sp_arena_alloc(&mails->arena, (size_t)place.bytes, 1);
	got = bytes ? reader->ops->read_range(
			      reader, place.fd, 0, bytes, (size_t)place.bytes)
		    : 0;
	close(place.fd);
	if (!bytes)
		return SP_NO_MEMORY;
	if (got != (ssize_t)place.bytes) {
		mail->trouble = got < 0 ? (int)-got : EIO;
		return SP_OK;
	}
	mail->bytes = sp_span(bytes, (size_t)got);
	mail->bytes_total = place.bytes;
	return SP_OK;
}

static enum sp_status add_mail(const struct sp_file *file,
	const struct sp_read_file *read, struct sp_reader *reader,
	struct sp_mails *mails, struct budget *budget)
{
	struct sp_mail *mail = sp_mails_add(mails);
	enum sp_status status = SP_OK;

	if (!mail)
		return SP_NO_MEMORY;
	mail->form = SP_MAIL_FILE;
	mail->path = file->path;
	mail->name = sp_span_str(file->name);
	if (file->folder && file->folder->maildir) {
		char *maildir = sp_arena_copy(
			&mails->arena, sp_span_str(file->folder->maildir));

		if (!maildir)
			return SP_NO_MEMORY;
		mail->form = SP_MAIL_MAILDIR;
		mail->maildir = sp_span_str(maildir);
		mail->in_new = file->folder->in_new;
	}
	if (read->result < 0) {
		mail->trouble = (int)-read->result;
	} else if ((size_t)read->result == read->room) {
		status = read_long(file, reader, mails, mail, budget);
	} else {
		mail->bytes = sp_span(read->buffer, (size_t)read->result);
		mail->bytes_total = (uint64_t)read->result;
	}
	mails->input_bytes += mail->bytes_total;
	return status;
}

/* Drops what is no message; returns how many are left. */
static size_t drop_others(
	struct sp_file *files, size_t count, struct sp_skips *skips)
{
	size_t kept = 0;

	for (size_t i = 0; i < count; i++) {
		if (!files[i].named || !is_other(&files[i], skips))
			files[kept++] = files[i];
		else
			sp_folder_put(files[i].folder);
	}
	return kept;
}

enum sp_status sp_files_read(struct sp_file *files, size_t count,
	struct sp_reader *reader, struct sp_mails *mails,
	struct sp_skips *skips)
{
	struct sp_read_file *reads =
		SP_ARENA_ARRAY(&mails->arena, struct sp_read_file, count);
	char *slots = sp_mails_buffer(mails, count * SP_FILE_SLOT_BYTES);
	struct budget budget = {SP_FILES_MEMORY_MAX};
	enum sp_status status = reads && slots ? SP_OK : SP_NO_MEMORY;

	count = drop_others(files, count, skips);
	for (size_t i = 0; i < count && status == SP_OK; i++)
		reads[i] = read_of(&files[i], slots + i * SP_FILE_SLOT_BYTES);
	if (status == SP_OK) {
		reader->ops->read_files(reader, reads, count);
		status = read_moved(files, reads, count, reader, &mails->arena);
	}
	for (size_t i = 0; i < count && status == SP_OK; i++)
		status = add_mail(&files[i], &reads[i], reader, mails, &budget);
	for (size_t i = 0; i < count; i++)
		sp_folder_put(files[i].folder);
	return status;
}
