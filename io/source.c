/* SPDX-License-Identifier: Apache-2.0 */
/* A source: opened, asked about, called off, closed. */
#include "io/source.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "io/source_parts.h"

static enum sp_status open_list(
	struct sp_source *source, struct sp_error *error)
{
	const char *path = source->options.files_from;
	bool is_stdin = sp_source_is_dash(path);
	int fd = STDIN_FILENO;

	if (!path)
		return SP_OK;
	if (!is_stdin)
		fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (fd < 0)
		return sp_error_errno(error, errno,
			"%s: the list of files cannot be opened", path);
	source->list.fd = fd;
	source->list.cancel_fd = source->cancel_fd;
	source->list.path = path;
	source->list.separator = source->options.files_from_nul ? '\0' : '\n';
	return SP_OK;
}

/* Standard input can be read once. */
static enum sp_status check_dashes(
	const struct sp_source_options *options, struct sp_error *error)
{
	size_t dashes = sp_source_is_dash(options->files_from);

	for (size_t i = 0; i < options->input_count; i++)
		dashes += sp_source_is_dash(options->inputs[i]);
	if (dashes > 1)
		return sp_error(error, SP_CONFIG,
			"-: standard input is given %zu times; it can be read "
			"once",
			dashes);
	if (options->input_count == 0 && !options->files_from)
		return sp_error(error, SP_CONFIG, "no input is given");
	return SP_OK;
}

static enum sp_status look_at_inputs(
	struct sp_source *source, struct sp_error *error)
{
	size_t count = source->options.input_count;
	enum sp_status status = check_dashes(&source->options, error);

	source->pipe = (struct sp_pipe){
		.fd = STDIN_FILENO,
		.cancel_fd = source->cancel_fd,
		.kind = source->options.mbox_kind,
	};
	source->netpipe = (struct sp_netpipe){
		.fd = STDIN_FILENO,
		.cancel_fd = source->cancel_fd,
	};
	source->inputs = calloc(count ? count : 1, sizeof(*source->inputs));
	if (!source->inputs)
		return sp_error(error, SP_NO_MEMORY, "out of memory");
	for (size_t i = 0; i < count && status == SP_OK; i++)
		status = sp_input_look(&source->inputs[i],
			source->options.inputs[i], source->options.format,
			&source->pipe, error);
	if (status == SP_OK)
		status = open_list(source, error);
	return status;
}

enum sp_status sp_source_open(struct sp_source **source,
	const struct sp_source_options *options, struct sp_error *error)
{
	struct sp_source *made = calloc(1, sizeof(*made));
	enum sp_status status;

	*source = NULL;
	if (!made)
		return sp_error(error, SP_NO_MEMORY, "out of memory");
	made->options = *options;
	made->any_range = !made->options.range_bytes;
	if (!made->options.batch_messages)
		made->options.batch_messages = SP_BATCH_MESSAGES_MAX;
	if (!made->options.range_bytes)
		made->options.range_bytes = SP_MBOX_RANGE_BYTES;
	if (!made->options.batch_files)
		made->options.batch_files = SP_BATCH_FILES;
	made->skips.log = options->log;
	pthread_mutex_init(&made->lock, NULL);
	sp_numbers_init(&made->numbers);
	made->cancel_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (made->cancel_fd < 0)
		status = sp_error_errno(error, errno, "eventfd");
	else
		status = look_at_inputs(made, error);
	if (status == SP_OK)
		*source = made;
	else
		sp_source_close(made);
	return status;
}

bool sp_source_number(struct sp_source *source, struct sp_mails *mails)
{
	bool numbered;

	(void)source;
	if (!mails->chunk)
		return true;
	numbered = sp_range_number(mails->chunk, mails);
	if (!mails->more)
		sp_source_give_back(mails);
	return numbered;
}

void sp_source_cancel(struct sp_source *source)
{
	uint64_t one = 1;

	atomic_store(&source->cancelled, true);
	/* It fails only when it is set already. */
	if (write(source->cancel_fd, &one, sizeof(one)) < 0)
		errno = 0;
	sp_numbers_cancel(&source->numbers);
}

int sp_source_end_fd(const struct sp_source *source)
{
	return source->cancel_fd;
}

bool sp_source_is_maildir(const struct sp_source *source)
{
	for (size_t i = 0; i < source->options.input_count; i++)
		if (source->inputs[i].kind != SP_INPUT_KIND_MAILDIR)
			return false;
	return source->options.input_count > 0 && !source->options.files_from;
}

bool sp_source_is_stdin(const struct sp_source *source)
{
	return source->options.input_count == 1 &&
	       !source->options.files_from &&
	       sp_source_is_dash(source->inputs[0].path);
}

bool sp_source_is_mbox(const struct sp_source *source)
{
	const struct sp_input *first = source->inputs;

	if (source->options.input_count == 0)
		return false;
	return first->kind == SP_INPUT_KIND_MBOX ||
	       (first->kind == SP_INPUT_KIND_PIPE && source->pipe.is_mbox);
}

enum sp_status sp_source_fault(
	const struct sp_source *source, struct sp_error *error)
{
	if (source->netpipe.error.status != SP_OK)
		*error = source->netpipe.error;
	return source->netpipe.error.status;
}

void sp_source_totals(struct sp_source *source, struct sp_source_totals *totals)
{
	size_t count = source->options.input_count;
	bool known = !source->options.files_from;

	*totals = (struct sp_source_totals){
		.unreadable = atomic_load(&source->skips.count)};
	for (size_t i = 0; i < count; i++) {
		const struct sp_input *input = &source->inputs[i];

		totals->bytes += input->bytes;
		totals->files += input->kind == SP_INPUT_KIND_FILE;
		known = known && (input->kind == SP_INPUT_KIND_FILE ||
					 input->kind == SP_INPUT_KIND_MBOX);
	}
	if (!known)
		totals->bytes = totals->files = 0;
	if (totals->files < count)
		totals->files = 0;
}

void sp_source_close(struct sp_source *source)
{
	if (!source)
		return;
	sp_walk_end(&source->walk);
	if (source->place == IN_CLBOX)
		sp_clbox_close(&source->clbox);
	sp_numbers_free(&source->numbers);
	sp_pipe_free(&source->pipe);
	sp_netpipe_free(&source->netpipe);
	sp_namelist_close(&source->list);
	sp_buffer_free(&source->name);
	if (source->cancel_fd >= 0)
		close(source->cancel_fd);
	pthread_mutex_destroy(&source->lock);
	free(source->inputs);
	free(source);
}
