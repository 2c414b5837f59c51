/* SPDX-License-Identifier: Apache-2.0 */
/* The dispenser: which piece of the input is the next batch. */
#include "io/source.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "io/files.h"
#include "io/mbox.h"
#include "io/request.h"
#include "io/source_parts.h"

/* A batch that is being put together, and read without the lock. */
struct batch {
	struct sp_reader *reader;
	struct sp_mails *mails;
	struct sp_file *files;
	size_t count;
	struct sp_range *range;
	struct sp_error *error; /* for other trouble than memory */
	bool read; /* it was read under the lock already */
	bool end;
};

/* Opens an mbox, by name or on standard input, to be cut. */
static enum sp_status begin_mbox(struct sp_source *source,
	const struct sp_input *input, const struct batch *batch)
{
	bool is_stdin = sp_source_is_dash(input->path);
	enum sp_mbox_kind kind = source->options.mbox_kind;
	int fd = is_stdin ? fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0)
			  : open(input->path, SP_READ_FLAGS | O_CLOEXEC);
	struct sp_done_mbox done = {0, 0};
	struct sp_ahead *ahead = NULL;
	struct stat info = {0};
	char text[128];

	if (fd >= 0 && fstat(fd, &info) == 0 && !S_ISREG(info.st_mode))
		errno = ENXIO;
	if (!S_ISREG(info.st_mode)) {
		sp_skip(&source->skips, "%s: cannot be opened: %s", input->path,
			strerror_r(errno, text, sizeof(text)));
		if (fd >= 0)
			close(fd);
		return SP_OK;
	}
	if (batch->reader->ops == &sp_reader_uring)
		ahead = sp_ahead_open(fd, (uint64_t)info.st_size, input->path,
			source->options.log);
	if (source->options.done)
		done = sp_done_mbox(source->options.done, source->input_at - 1);
	if (sp_mbox_has_length(kind)) {
		source->clbox = (struct sp_clbox){.fd = fd,
			.ahead = ahead,
			.path = input->path,
			.size = (uint64_t)info.st_size,
			.kind = kind,
			.at = done.offset,
			.index = done.messages};
		source->place = IN_CLBOX;
		return SP_OK;
	}
	source->ranges = sp_ranges_open(&source->numbers, fd, ahead,
		input->path, (uint64_t)info.st_size, kind);
	source->place = IN_RANGES;
	if (!source->ranges)
		return SP_NO_MEMORY;
	sp_ranges_skip(source->ranges, done.offset, done.messages);
	return SP_OK;
}

/*
 * Content-Length makes one look ahead as far as it says, so what comes down a
 * pipe goes into a file first.
 */
static enum sp_status begin_pipe(struct sp_source *source)
{
	char text[128];
	uint64_t size;
	int fd;

	source->place = IN_PIPE;
	if (!source->pipe.is_mbox || !sp_mbox_has_length(source->pipe.kind))
		return SP_OK;
	fd = sp_pipe_to_file(&source->pipe, &size);
	source->place = AT_INPUT;
	if (fd == -ENOMEM)
		return SP_NO_MEMORY;
	if (fd < 0 && fd != -ECANCELED)
		sp_skip(&source->skips,
			"-: standard input cannot be kept in a temporary file "
			"(see TMPDIR): %s",
			strerror_r(-fd, text, sizeof(text)));
	if (fd < 0)
		return SP_OK;
	source->clbox = (struct sp_clbox){
		.fd = fd, .path = "-", .size = size, .kind = source->pipe.kind};
	source->place = IN_CLBOX;
	return SP_OK;
}

/*
 * A file that was done is left out. Of a Maildir message the name is enough: a
 * mail reader may have moved it, and we have written another one in its place.
 */
static enum sp_status leave_out(struct sp_source *source,
	const struct sp_file *file, bool *out, struct sp_error *error)
{
	const char *maildir = file->folder ? file->folder->maildir : NULL;
	struct stat info;
	uint64_t bytes;

	sp_done_name(&source->name, sp_span_str(maildir ? maildir : ""),
		sp_span_str(file->name), file->path);
	if (source->name.failed)
		return SP_NO_MEMORY;
	*out = sp_done_take(
		source->options.done, sp_buffer_span(&source->name), &bytes);
	if (!*out || maildir || bytes == SP_DONE_BYTES_UNKNOWN ||
		stat(file->path.data, &info) != 0 ||
		(uint64_t)info.st_size == bytes)
		return SP_OK;
	return sp_error(error, SP_CONFIG,
		"%s: has %lld bytes and had %llu when it was done; restore it, "
		"or begin anew with another journal",
		file->path.data, (long long)info.st_size,
		(unsigned long long)bytes);
}

static enum sp_status add_file(struct sp_source *source, struct batch *batch,
	struct sp_folder *folder, const char *name)
{
	struct sp_file *file = &batch->files[batch->count];
	enum sp_status status =
		sp_file_set(file, &batch->mails->arena, folder, name);
	bool out = false;

	if (status != SP_OK)
		return status;
	if (source->options.done && source->options.done->count)
		status = leave_out(source, file, &out, batch->error);
	if (status == SP_OK && !out) {
		batch->count++;
		return SP_OK;
	}
	sp_folder_put(file->folder);
	/* There may be millions before the next one that is not done. */
	sp_arena_trim(&batch->mails->arena, file->path.data);
	return status;
}

static enum sp_status begin_input(struct sp_source *source, struct batch *batch)
{
	const struct sp_input *input = &source->inputs[source->input_at++];

	switch (input->kind) {
	case SP_INPUT_KIND_FILE:
		return add_file(source, batch, NULL, input->path);
	case SP_INPUT_KIND_TREE:
	case SP_INPUT_KIND_MAILDIR:
		source->place = IN_FOLDERS;
		return sp_walk_begin(&source->walk, input->path,
			input->kind == SP_INPUT_KIND_MAILDIR,
			source->options.in_place, &source->skips);
	case SP_INPUT_KIND_MBOX:
		return begin_mbox(source, input, batch);
	case SP_INPUT_KIND_PIPE:
		return begin_pipe(source);
	case SP_INPUT_KIND_NETSTRING:
		source->place = IN_NETPIPE;
		sp_netpipe_widen(source->netpipe.fd);
		return SP_OK;
	}
	return SP_OK;
}

/* The next input, then the list, then the end. */
static enum sp_status next_input(struct sp_source *source, struct batch *batch)
{
	if (source->input_at < source->options.input_count)
		return begin_input(source, batch);
	if (source->options.files_from && !source->list_done)
		source->place = IN_LIST;
	else
		batch->end = true;
	return SP_OK;
}

static enum sp_status next_in_folders(
	struct sp_source *source, struct batch *batch)
{
	struct sp_walk_file file;
	enum sp_status status = sp_walk_next(&source->walk, &file);

	if (status == SP_OK && file.name)
		return add_file(source, batch, file.folder, file.name);
	sp_walk_end(&source->walk);
	source->place = AT_INPUT;
	return status;
}

static enum sp_status next_in_list(
	struct sp_source *source, struct batch *batch)
{
	enum sp_status status;
	bool found;
	size_t before;

	source->list.waited_ns = 0;
	found = sp_namelist_next(&source->list, &source->skips);
	batch->mails->waited_ns += source->list.waited_ns;
	if (!found) {
		source->list_done = true;
		source->place = AT_INPUT;
		return SP_OK;
	}
	status = sp_source_check_listed(source, batch->error);
	if (status != SP_OK)
		return status;
	before = batch->count;
	status = add_file(source, batch, NULL, source->list.name);
	if (batch->count > before)
		batch->files[before].named = true;
	return status;
}

static enum sp_status next_in_ranges(
	struct sp_source *source, struct batch *batch)
{
	size_t size = source->options.range_bytes;
	enum sp_status status;

	if (source->any_range)
		size = sp_ranges_suit(source->ranges);
	batch->range = sp_ranges_take(source->ranges, size, &status);
	if (batch->range || status != SP_OK)
		return status;
	sp_ranges_close(source->ranges);
	source->ranges = NULL;
	source->place = AT_INPUT;
	return SP_OK;
}

static enum sp_status next_in_clbox(
	struct sp_source *source, struct batch *batch)
{
	struct sp_clbox *box = &source->clbox;

	if (box->at < box->size) {
		enum sp_status status =
			sp_clbox_read(box, batch->reader, batch->mails,
				source->options.range_bytes, &source->skips);

		batch->read = true;
		batch->mails->piece_end = box->at;
		batch->mails->piece_input = source->input_at - 1;
		return status;
	}
	sp_clbox_close(box);
	source->place = AT_INPUT;
	return SP_OK;
}

static enum sp_status next_in_pipe(
	struct sp_source *source, struct batch *batch)
{
	bool end;
	enum sp_status status = sp_pipe_read(&source->pipe, batch->mails,
		source->options.range_bytes, &source->skips, &end);

	batch->read = !end;
	if (end)
		source->place = AT_INPUT;
	return status;
}

static enum sp_status next_in_netpipe(
	struct sp_source *source, struct batch *batch)
{
	bool end;
	enum sp_status status = sp_netpipe_read(&source->netpipe, batch->mails,
		source->options.range_bytes, source->options.batch_messages,
		&end);

	batch->read = !end;
	if (end)
		source->place = AT_INPUT;
	return status;
}

/*
 * Files of several inputs share a batch, so that a command line of many
 * messages is read as fast as a folder; a piece of an mbox is one of its own.
 */
static enum sp_status fill_batch(struct sp_source *source, struct batch *batch)
{
	static enum sp_status (*const next[])(
		struct sp_source *, struct batch *) = {
		[AT_INPUT] = next_input,
		[IN_FOLDERS] = next_in_folders,
		[IN_RANGES] = next_in_ranges,
		[IN_CLBOX] = next_in_clbox,
		[IN_PIPE] = next_in_pipe,
		[IN_NETPIPE] = next_in_netpipe,
		[IN_LIST] = next_in_list,
	};
	enum sp_status status = SP_OK;

	while (status == SP_OK && !batch->end && !batch->range &&
		!batch->read && batch->count < source->options.batch_files) {
		enum sp_source_place place = source->place;
		bool cuts = place == IN_RANGES || place == IN_CLBOX ||
			    place == IN_PIPE || place == IN_NETPIPE;

		if (cuts && batch->count)
			break;
		if (atomic_load(&source->cancelled))
			batch->end = true;
		else
			status = next[place](source, batch);
	}
	if (batch->count || batch->range || batch->read)
		batch->end = false;
	return status;
}

static enum sp_status read_range(struct sp_source *source,
	struct sp_reader *reader, struct sp_mails *mails)
{
	return sp_range_read(mails->chunk, reader, mails,
		source->options.batch_messages, &source->skips);
}

/* The records of a netstring stream; while others read on. */
static enum sp_status read_requests(struct sp_mails *mails)
{
	enum sp_status status = SP_OK;

	for (size_t i = 0; i < mails->count && status == SP_OK; i++) {
		struct sp_mail *mail = &mails->mail[i];

		if (mail->request)
			status = sp_request_parse(
				mail->request, &mail->envelope, &mails->arena);
	}
	return status;
}

static enum sp_status read_batch(struct sp_source *source, struct batch *batch)
{
	if (batch->read)
		return read_requests(batch->mails);
	if (batch->end)
		return SP_OK;
	if (!batch->range)
		return sp_files_read(batch->files, batch->count, batch->reader,
			batch->mails, &source->skips);
	batch->mails->chunk = batch->range;
	return read_range(source, batch->reader, batch->mails);
}

void sp_source_give_back(struct sp_mails *mails)
{
	if (mails->chunk)
		sp_range_release(mails->chunk);
	mails->chunk = NULL;
}

/* Nanoseconds it took, if somebody else held it. */
static uint64_t lock(struct sp_source *source)
{
	uint64_t begun;

	if (pthread_mutex_trylock(&source->lock) == 0)
		return 0;
	begun = sp_clock_ns();
	pthread_mutex_lock(&source->lock);
	return sp_clock_ns() - begun;
}

enum sp_status sp_source_next(struct sp_source *source,
	struct sp_reader *reader, struct sp_mails *mails, bool *end,
	struct sp_error *error)
{
	struct batch batch = {.reader = reader, .mails = mails, .error = error};
	enum sp_status status;

	sp_source_give_back(mails);
	sp_mails_reset(mails);
	batch.files = SP_ARENA_ARRAY(
		&mails->arena, struct sp_file, source->options.batch_files);
	if (!batch.files)
		return sp_error(error, SP_NO_MEMORY, "out of memory");
	mails->waited_ns = lock(source);
	status = fill_batch(source, &batch);
	*end = batch.end;
	if (!batch.end)
		mails->ticket = source->ticket++;
	mails->part = 0;
	if (batch.range)
		mails->piece_input = source->input_at - 1;
	pthread_mutex_unlock(&source->lock);
	if (status == SP_OK)
		status = read_batch(source, &batch);
	else
		for (size_t i = 0; i < batch.count; i++)
			sp_folder_put(batch.files[i].folder);
	if (status == SP_NO_MEMORY)
		return sp_error(error, status, "out of memory");
	return status;
}

enum sp_status sp_source_more(struct sp_source *source,
	struct sp_reader *reader, struct sp_mails *mails,
	struct sp_error *error)
{
	sp_mails_reset(mails);
	mails->part++;
	if (read_range(source, reader, mails) != SP_OK)
		return sp_error(error, SP_NO_MEMORY, "out of memory");
	return SP_OK;
}
