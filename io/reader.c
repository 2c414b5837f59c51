/* SPDX-License-Identifier: Apache-2.0 */
/* Choosing the backend that reads files. */
#include "io/reader.h"

#include <errno.h>
#include <stdatomic.h>
#include <string.h>

/* Best first. */
static const struct sp_reader_ops *const backends[] = {
	&sp_reader_uring,
	&sp_reader_pread,
};

#define BACKENDS (sizeof(backends) / sizeof(backends[0]))

/* Says once what was chosen; every worker opens a reader. */
static void tell(const struct sp_log *log, const char *chosen,
	const char *refused, int reason)
{
	static atomic_flag told = ATOMIC_FLAG_INIT;
	const char *name = reason ? strerrorname_np(reason) : NULL;

	if (!log || atomic_flag_test_and_set(&told))
		return;
	if (!refused)
		sp_log(log, SP_LOG_INFO, "reading with %s", chosen);
	else
		sp_log(log, SP_LOG_INFO,
			"reading with %s: %s is not allowed here (%s)", chosen,
			refused, name ? name : "unknown error");
}

struct sp_reader *sp_reader_open(const char *name, const struct sp_log *log)
{
	const char *refused = NULL;
	int reason = 0;

	for (size_t i = 0; i < BACKENDS; i++) {
		struct sp_reader *reader;

		if (name && strcmp(name, backends[i]->name) != 0)
			continue;
		reader = backends[i]->open();
		if (reader) {
			tell(log, backends[i]->name, refused, reason);
			return reader;
		}
		reason = errno;
		refused = backends[i]->name;
	}
	return NULL;
}

void sp_reader_close(struct sp_reader *reader)
{
	if (reader)
		reader->ops->close(reader);
}
