/* SPDX-License-Identifier: Apache-2.0 */
/* What a stream is made of; for io/stream.c and io/stream_open.c only. */
#ifndef SP_IO_STREAM_PARTS_H
#define SP_IO_STREAM_PARTS_H

#include <liburing.h>

#include "io/partial.h"
#include "io/stream.h"

/* What O_DIRECT asks of addresses, sizes and offsets, for every disk. */
#define DIRECT_ALIGN 4096u

struct sp_stream {
	char *path; /* owned; as it was given */
	int fd; /* written to directly, or borrowed from partial */
	bool is_partial;
	struct sp_partial partial;
	struct sp_stream_options options;
	struct sp_error error; /* the first failure; status SP_OK: none */
	uint64_t bytes; /* taken */
	uint32_t crc; /* of them, with a journal */
	bool named; /* by an earlier process; there is nothing left to do */
	uint64_t offset; /* in the file, of the buffer being filled */

	char *memory; /* owned: two buffers of SP_STREAM_BUFFER_BYTES */
	char *filling;
	size_t used;
	char *flying; /* being written while flight_bytes > 0 */
	size_t flight_bytes;
	uint64_t flight_offset;

	bool has_ring;
	bool registered; /* the buffers are, with the ring */
	struct io_uring ring;
	bool direct; /* O_DIRECT is set */
	bool direct_refused; /* the file system will not have it */
};

/* Opens what path and options say; the buffers are there. */
enum sp_status sp_stream_open_target(struct sp_stream *stream,
	struct sp_error *error) __attribute__((warn_unused_result));

#endif
