/* SPDX-License-Identifier: Apache-2.0 */
/* A journal that is held: opened, locked, appended to. */
#include "io/journal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io/journal_parts.h"

static enum sp_status append_run(
	struct sp_journal *journal, struct sp_error *error)
{
	sp_journal_put(sp_journal_begin(journal), journal->state.runs, 4);
	return sp_journal_append(journal, SP_JOURNAL_RUN, error);
}

/* The name of the journal must be there after a power cut, too. */
static void sync_folder_of(const char *path)
{
	char *folder = strdup(path);
	char *slash = folder ? strrchr(folder, '/') : NULL;

	if (slash)
		slash[slash == folder] = '\0';
	if (folder)
		sp_sync_folder(AT_FDCWD, slash ? folder : ".");
	free(folder);
}

static enum sp_status begin(
	struct sp_journal *journal, struct sp_span work, struct sp_error *error)
{
	struct sp_span first = sp_span_str(SP_JOURNAL_FIRST_LINE);
	struct sp_buffer *record = sp_journal_begin(journal);
	enum sp_status status;
	int number = 0;

	if (work.size > SP_JOURNAL_TEXT_MAX)
		return sp_error(error, SP_CONFIG,
			"%s: the command line is too long to be journaled; "
			"name folders instead of files",
			journal->path);
	do
		if (getrandom(&journal->state.id, sizeof(uint64_t), 0) < 0)
			return sp_journal_failed(journal, errno, error);
	while (journal->state.id == 0);
	number = sp_journal_write(journal->fd, first, 0);
	if (number)
		return sp_journal_failed(journal, number, error);
	journal->end = first.size;
	sp_journal_put(record, journal->state.id, 8);
	sp_buffer_add(record, work);
	status = sp_journal_append(journal, SP_JOURNAL_WORK, error);
	if (status == SP_OK && journal->durability != SP_DURABILITY_NONE)
		sync_folder_of(journal->path);
	return status;
}

/* Reads what is there; the state borrows the mapping until it is closed. */
static enum sp_status look(
	struct sp_journal *journal, struct sp_span work, struct sp_error *error)
{
	struct sp_span file = {NULL, 0};
	enum sp_status status;
	struct stat st;

	if (fstat(journal->fd, &st) != 0 || !S_ISREG(st.st_mode))
		return sp_error(error, SP_CONFIG,
			"%s: is no file; name one, or one that is not there "
			"yet",
			journal->path);
	if (st.st_size > 0) {
		void *map = mmap(NULL, (size_t)st.st_size, PROT_READ,
			MAP_PRIVATE, journal->fd, 0);

		if (map == MAP_FAILED)
			return sp_error_errno(error, errno,
				"%s: cannot be read", journal->path);
		journal->map = map;
		journal->map_bytes = (size_t)st.st_size;
		file = sp_span(map, journal->map_bytes);
	}
	status = sp_journal_read(&journal->state, file, journal->path, work,
		&journal->end, error);
	if (status == SP_OK && journal->end < file.size &&
		ftruncate(journal->fd, (off_t)journal->end) != 0)
		return sp_journal_failed(journal, errno, error);
	return status;
}

static enum sp_status take(struct sp_journal *journal, struct sp_error *error)
{
	journal->fd = open(journal->path,
		O_RDWR | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, 0600);
	if (journal->fd < 0)
		return sp_error_errno(error, errno,
			"%s: the journal cannot be opened", journal->path);
	if (flock(journal->fd, LOCK_EX | LOCK_NB) == 0)
		return SP_OK;
	if (errno == EWOULDBLOCK)
		return sp_error(error, SP_CONFIG,
			"%s: is in use by another process; wait for it to "
			"end, or stop it",
			journal->path);
	return sp_error_errno(error, errno, "%s: the journal cannot be locked",
		journal->path);
}

static enum sp_status no_memory(const char *path, struct sp_error *error)
{
	return sp_error(error, SP_NO_MEMORY,
		"%s: not enough memory; free some and run again", path);
}

enum sp_status sp_journal_open(struct sp_journal **journal, const char *path,
	struct sp_span work, enum sp_durability durability,
	struct sp_error *error)
{
	struct sp_journal *made = calloc(1, sizeof(*made));
	enum sp_status status;

	*journal = NULL;
	if (!made)
		return no_memory(path, error);
	made->path = path;
	made->durability = durability;
	made->fd = -1;
	made->syncer = sp_syncer_open(false);
	if (!made->syncer)
		status = no_memory(path, error);
	else
		status = take(made, error);
	if (status == SP_OK)
		status = look(made, work, error);
	if (status == SP_OK && made->end == 0)
		status = begin(made, work, error);
	if (status == SP_OK && !made->state.finished)
		status = append_run(made, error);
	if (status != SP_OK) {
		sp_journal_close(made);
		return status;
	}
	made->note = made->state.note;
	*journal = made;
	return SP_OK;
}

void sp_journal_close(struct sp_journal *journal)
{
	if (!journal)
		return;
	if (journal->fd >= 0)
		close(journal->fd);
	sp_journal_state_free(&journal->state);
	if (journal->map)
		munmap(journal->map, journal->map_bytes);
	sp_syncer_close(journal->syncer);
	sp_done_free(&journal->mine);
	sp_buffer_free(&journal->mboxes);
	sp_buffer_free(&journal->files);
	sp_buffer_free(&journal->record);
	free(journal);
}

void sp_journal_use_plain(struct sp_journal *journal)
{
	sp_syncer_use_plain(journal->syncer);
}

struct sp_journal_state *sp_journal_state(struct sp_journal *journal)
{
	return &journal->state;
}

uint64_t sp_journal_id(const struct sp_journal *journal)
{
	return journal->state.id;
}

uint32_t sp_journal_run(const struct sp_journal *journal)
{
	return journal->state.runs;
}

bool sp_journal_had(
	const struct sp_journal *journal, uint64_t run, uint64_t unit)
{
	return run < journal->state.runs && unit < journal->state.units[run];
}
