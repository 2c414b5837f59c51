/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A stream of bytes to a file that appears under its name only when it is
 * complete, or to standard output: an mbox, a report.
 *
 * One caller at a time, in order; the callers may be different threads.
 */
#ifndef SP_IO_STREAM_H
#define SP_IO_STREAM_H

#include <sys/uio.h>

#include "base/error.h"
#include "io/syncer.h"

/* Two of these per stream: one is filled while the other is written. */
#define SP_STREAM_BUFFER_BYTES (1u << 20)

struct sp_stream;

/* How much of it there is, and the CRC-32C of that. */
struct sp_stream_place {
	uint64_t bytes;
	uint32_t crc;
};

struct sp_stream_options {
	/* NONE: the file is not synced before it gets its name. */
	enum sp_durability durability;
	/*
	 * Not 0: a journal's, in which this is one of the outputs. The partial
	 * file is PATH.partial.JOURNAL then and outlives the process, and there
	 * has to be one: standard output and devices are SP_CONFIG.
	 */
	uint64_t journal;
	/* Where to go on; what is behind it is cut off. */
	struct sp_stream_place from;
	/* It is complete and may have its name already. */
	bool complete;
};

/*
 * path "-" is standard output. A path that is a device, FIFO or socket is
 * written to directly. Else bytes go to PATH.partial.PID in the same folder
 * (or PATH.partial.PID.N when that is there), made with O_EXCL and the mode of
 * an existing PATH, else 0666 less the umask; PATH itself is replaced only by
 * commit. Of a symbolic link the target is replaced.
 */
enum sp_status sp_stream_open(struct sp_stream **stream, const char *path,
	const struct sp_stream_options *options, struct sp_error *error)
	__attribute__((warn_unused_result));

/*
 * Files are written through an io_uring where there is one. This gives it up
 * for plain calls; the bytes are the same. Before the first write.
 */
void sp_stream_use_plain(struct sp_stream *stream);

/*
 * Buffered. The first write that fails is remembered: everything after it
 * fails with the same words.
 */
enum sp_status sp_stream_write(struct sp_stream *stream,
	const struct iovec *parts, size_t count, struct sp_error *error)
	__attribute__((warn_unused_result));

/* Writes what is buffered (standard output: so that a reader sees it). */
enum sp_status sp_stream_flush(struct sp_stream *stream, struct sp_error *error)
	__attribute__((warn_unused_result));

/*
 * Flushes, syncs and renames to the final name, once. On trouble the partial
 * file is removed by close and the final name is as it was.
 */
enum sp_status sp_stream_commit(struct sp_stream *stream,
	struct sp_error *error) __attribute__((warn_unused_result));

/*
 * Flushes and keeps what is there under the partial name, which it returns
 * (good until close; NULL for standard output and devices, or when that
 * fails): for interrupted work.
 */
const char *sp_stream_keep(struct sp_stream *stream);

/*
 * Of a stream with a journal: writes all of it to the file and says where it
 * stands. *fd is the file to sync, or -1 when there is none; borrowed.
 */
enum sp_status sp_stream_settle(struct sp_stream *stream,
	struct sp_stream_place *place, int *fd, struct sp_error *error)
	__attribute__((warn_unused_result));

/* Has close remove the partial file of a journal after all. */
void sp_stream_forget(struct sp_stream *stream);

/* Bytes taken by write so far. */
uint64_t sp_stream_bytes(const struct sp_stream *stream);

/* Frees; what was neither committed nor kept is removed. NULL is fine. */
void sp_stream_close(struct sp_stream *stream);

#endif
