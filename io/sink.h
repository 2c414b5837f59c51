/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where bytes go: a file that appears under its name only when it is
 * complete, standard output, or a Maildir.
 */
#ifndef SP_IO_SINK_H
#define SP_IO_SINK_H

#include <sys/uio.h>

#include "io/mail.h"

/*
 * A stream: an mbox or a report. One caller at a time, in order. path "-" is
 * standard output. Else bytes go to PATH.partial.PID in the same folder,
 * made with O_EXCL and mode 0666 less the umask; an existing PATH is replaced
 * only by commit. A path that is a device or FIFO is written to directly.
 */
struct sp_stream;

enum sp_status sp_stream_open(struct sp_stream **stream, const char *path,
	struct sp_error *error) __attribute__((warn_unused_result));

/* Buffered; large pieces go straight to the file. error names path. */
enum sp_status sp_stream_write(struct sp_stream *stream,
	const struct iovec *parts, size_t count, struct sp_error *error)
	__attribute__((warn_unused_result));

/* Writes what is buffered (standard output: so that a reader sees it). */
enum sp_status sp_stream_flush(struct sp_stream *stream, struct sp_error *error)
	__attribute__((warn_unused_result));

/*
 * Flushes, fsyncs and renames to the final name. On trouble the partial file
 * is removed and the final name is as it was.
 */
enum sp_status sp_stream_commit(struct sp_stream *stream,
	struct sp_error *error) __attribute__((warn_unused_result));

/*
 * Flushes and keeps what is there under the partial name, which it returns
 * (NULL for standard output or when that fails): for interrupted work.
 */
const char *sp_stream_keep(struct sp_stream *stream);

uint64_t sp_stream_bytes(const struct sp_stream *stream);

/* Frees; what was neither committed nor kept is removed. NULL is fine. */
void sp_stream_close(struct sp_stream *stream);

/*
 * A Maildir to deliver into (made with cur, new, tmp when it is not there).
 * Each message is written to tmp and renamed (maildir(5)); several workers may
 * deliver at once.
 */
struct sp_maildir;

enum sp_status sp_maildir_open(struct sp_maildir **maildir, const char *path,
	struct sp_error *error) __attribute__((warn_unused_result));
void sp_maildir_close(struct sp_maildir *maildir);

/*
 * The bytes of a message: parts in memory, then, if large is not NULL, the
 * rest of a large message from the byte at rest_offset of what
 * sp_large_read() gives.
 */
struct sp_content {
	const struct iovec *parts;
	size_t count;
	struct sp_large *large;
	uint64_t rest_offset;
};

/*
 * Delivers a copy. From a Maildir message the folder (cur or new) and the
 * flags are kept, and S= in its name made true (W=, the size with CRLF, as
 * well); the unique part is kept when the name is free in the target. Other
 * messages get a fresh unique name in new. *reason_errno: not used when SP_OK.
 * Nothing is left in tmp on trouble.
 */
enum sp_status sp_maildir_deliver(struct sp_maildir *maildir,
	const struct sp_mail *mail, const struct sp_content *content,
	struct sp_error *error) __attribute__((warn_unused_result));

/*
 * Replaces the Maildir message itself: written to its Maildir's tmp with the
 * mode and times of the old file, renamed over the old name or, when S= or W=
 * in it change, to the new name with the old one removed.
 */
enum sp_status sp_maildir_replace(const struct sp_mail *mail,
	const struct sp_content *content, struct sp_error *error)
	__attribute__((warn_unused_result));

#endif
