/* SPDX-License-Identifier: Apache-2.0 */
/* A read that another thread can call off. */
#include "io/wait.h"

#include <errno.h>
#include <poll.h>
#include <unistd.h>

ssize_t sp_wait_read(int fd, int cancel_fd, char *buffer, size_t room)
{
	for (;;) {
		struct pollfd polls[] = {
			{.fd = cancel_fd, .events = POLLIN},
			{.fd = fd, .events = POLLIN},
		};
		ssize_t got;

		if (poll(polls, 2, -1) < 0) {
			if (errno == EINTR)
				continue;
			return -errno;
		}
		if (polls[0].revents)
			return -ECANCELED;
		got = read(fd, buffer, room);
		if (got >= 0)
			return got;
		if (errno != EINTR && errno != EAGAIN)
			return -errno;
	}
}
