/* SPDX-License-Identifier: Apache-2.0 */
/* Telling Maildirs, folders, mboxes and messages apart (maildir(5), mbox(5)).
 */
#include "io/input.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io/mbox.h"

static bool has_folder(const char *path, const char *name)
{
	char folder[PATH_MAX];
	struct stat info;
	int size = snprintf(folder, sizeof(folder), "%s/%s", path, name);

	return size > 0 && (size_t)size < sizeof(folder) &&
	       stat(folder, &info) == 0 && S_ISDIR(info.st_mode);
}

static enum sp_status look_at_folder(struct sp_input *input,
	enum sp_input_format format, struct sp_error *error)
{
	bool maildir = has_folder(input->path, "cur") &&
		       has_folder(input->path, "new");

	if (format == SP_INPUT_MBOX)
		return sp_error(error, SP_CONFIG,
			"%s: is a folder, not an mbox; leave out --format",
			input->path);
	if (format == SP_INPUT_MAILDIR && !maildir)
		return sp_error(error, SP_CONFIG,
			"%s: is no Maildir (it lacks cur and new); leave out "
			"--format to read every file below it",
			input->path);
	input->kind = maildir && format != SP_INPUT_EML ? SP_INPUT_KIND_MAILDIR
							: SP_INPUT_KIND_TREE;
	return SP_OK;
}

/* Does the file begin like an mbox? SP_IO when it cannot be read. */
static enum sp_status look_inside(
	int fd, const char *path, bool *mbox, struct sp_error *error)
{
	char text[SP_MBOX_MARK_BYTES];
	ssize_t got;

	do {
		got = pread(fd, text, sizeof(text), 0);
	} while (got < 0 && errno == EINTR);
	if (got < 0)
		return sp_error_errno(error, errno, "%s: cannot be read", path);
	*mbox = sp_span_starts(sp_span(text, (size_t)got), "From ");
	return SP_OK;
}

static enum sp_status refuse_maildir(const char *path, struct sp_error *error)
{
	return sp_error(error, SP_CONFIG,
		"%s: is no folder, so it is no Maildir; leave out --format",
		path);
}

static enum sp_status look_at_file(struct sp_input *input,
	enum sp_input_format format, struct sp_error *error)
{
	int fd = open(input->path, SP_READ_FLAGS | O_CLOEXEC);
	bool mbox = false;
	enum sp_status status;

	if (fd < 0)
		return sp_error_errno(
			error, errno, "%s: cannot be opened", input->path);
	status = look_inside(fd, input->path, &mbox, error);
	close(fd);
	if (format != SP_INPUT_AUTO)
		mbox = format == SP_INPUT_MBOX;
	input->kind = mbox ? SP_INPUT_KIND_MBOX : SP_INPUT_KIND_FILE;
	return status;
}

/* A whole file on standard input can be read anywhere, like one by name. */
static enum sp_status look_at_stdin(struct sp_input *input,
	enum sp_input_format format, struct sp_pipe *pipe,
	struct sp_error *error)
{
	struct stat info;
	enum sp_status status = SP_OK;
	bool whole;

	if (fstat(pipe->fd, &info) != 0)
		return sp_error_errno(
			error, errno, "-: standard input cannot be read");
	if (S_ISDIR(info.st_mode))
		return sp_error(error, SP_CONFIG,
			"-: standard input is a folder; give it by its name");
	if (format == SP_INPUT_NETSTRING) {
		input->kind = SP_INPUT_KIND_NETSTRING;
		return SP_OK;
	}
	whole = S_ISREG(info.st_mode) && lseek(pipe->fd, 0, SEEK_CUR) == 0;
	input->bytes = whole ? (uint64_t)info.st_size : 0;
	if (format != SP_INPUT_AUTO)
		pipe->is_mbox = format == SP_INPUT_MBOX;
	else if (whole)
		status = look_inside(pipe->fd, "-", &pipe->is_mbox, error);
	else
		pipe->is_mbox = sp_pipe_looks_like_mbox(pipe);
	input->kind = whole && pipe->is_mbox ? SP_INPUT_KIND_MBOX
					     : SP_INPUT_KIND_PIPE;
	return status;
}

enum sp_status sp_input_look(struct sp_input *input, const char *path,
	enum sp_input_format format, struct sp_pipe *pipe,
	struct sp_error *error)
{
	bool is_stdin = strcmp(path, "-") == 0;
	struct stat info;

	*input = (struct sp_input){.path = path};
	if (format == SP_INPUT_NETSTRING && !is_stdin)
		return sp_error(error, SP_CONFIG,
			"%s: netstrings are read from standard input only; "
			"give - as the one INPUT",
			path);
	if (!is_stdin && stat(path, &info) != 0)
		return sp_error_errno(error, errno, "%s: cannot be read", path);
	if (!is_stdin && S_ISDIR(info.st_mode))
		return look_at_folder(input, format, error);
	if (format == SP_INPUT_MAILDIR)
		return refuse_maildir(path, error);
	if (is_stdin)
		return look_at_stdin(input, format, pipe, error);
	if (!S_ISREG(info.st_mode))
		return sp_error(error, SP_CONFIG,
			"%s: is %s, not a message; give what comes out of it "
			"on standard input, as -",
			path, sp_skip_kind(info.st_mode));
	input->bytes = (uint64_t)info.st_size;
	return look_at_file(input, format, error);
}
