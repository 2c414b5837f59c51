/* SPDX-License-Identifier: Apache-2.0 */
/* The bytes of a message to write, wherever they are. */
#ifndef SP_IO_CONTENT_H
#define SP_IO_CONTENT_H

#include <sys/uio.h>

#include "io/mail.h"

/*
 * Parts in memory, then, if large is not NULL, the body of a large message,
 * which begins at its byte rest_offset. All borrowed.
 */
struct sp_content {
	const struct iovec *parts;
	size_t count;
	struct sp_large *large;
	uint64_t rest_offset;
};

struct sp_content_sizes {
	uint64_t stored;
	uint64_t crlf; /* with every bare LF counted as CRLF, if asked for */
};

/*
 * Writes everything to fd, from where it stands. sizes is filled; crlf of it
 * only when count_crlf. path is the file's, for messages.
 */
enum sp_status sp_content_write(const struct sp_content *content, int fd,
	const char *path, bool count_crlf, struct sp_content_sizes *sizes,
	struct sp_error *error) __attribute__((warn_unused_result));

/*
 * The sizes of a file that was written before, below dir_fd; crlf only when
 * asked for. 0 or an errno value.
 */
int sp_content_measure(int dir_fd, const char *name, bool count_crlf,
	struct sp_content_sizes *sizes) __attribute__((warn_unused_result));

#endif
