/* SPDX-License-Identifier: Apache-2.0 */
/* A read that another thread can call off. */
#include "io/wait.h"

#include <errno.h>
#include <poll.h>
#include <unistd.h>

#include "base/clock.h"

/* poll(2) without a limit, which looks at the clock only when it waits. */
static int wait_for(struct pollfd *polls, nfds_t count, uint64_t *waited_ns)
{
	int ready = poll(polls, count, 0);
	uint64_t begun;

	if (ready)
		return ready;
	begun = sp_clock_ns();
	ready = poll(polls, count, -1);
	*waited_ns += sp_clock_ns() - begun;
	return ready;
}

ssize_t sp_wait_read(
	int fd, int cancel_fd, char *buffer, size_t room, uint64_t *waited_ns)
{
	for (;;) {
		struct pollfd polls[] = {
			{.fd = cancel_fd, .events = POLLIN},
			{.fd = fd, .events = POLLIN},
		};
		ssize_t got;

		if (wait_for(polls, 2, waited_ns) < 0) {
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
