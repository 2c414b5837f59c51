/* SPDX-License-Identifier: Apache-2.0 */
/* Reading from what may keep one waiting: a pipe, a terminal, a socket. */
#ifndef SP_IO_WAIT_H
#define SP_IO_WAIT_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/*
 * Reads what there is, at least one byte; 0 at the end, a negated errno value
 * on trouble, -ECANCELED as soon as cancel_fd (an eventfd) is readable. Adds
 * the time there was nothing to read to *waited_ns.
 */
ssize_t sp_wait_read(
	int fd, int cancel_fd, char *buffer, size_t room, uint64_t *waited_ns);

#endif
