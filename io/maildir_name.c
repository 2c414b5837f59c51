/* SPDX-License-Identifier: Apache-2.0 */
/* Names of messages in a Maildir: make, take apart, correct the sizes. */
#include "io/maildir_name.h"

#include <inttypes.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#define HOST_BYTES_MAX 64u

/* maildir(5): "/" becomes \057 and ":" becomes \072. */
static void host_name(char out[4 * HOST_BYTES_MAX + 1])
{
	char host[HOST_BYTES_MAX + 1] = "";
	char *to = out;

	if (gethostname(host, HOST_BYTES_MAX) != 0 || !host[0])
		strcpy(host, "localhost");
	for (const char *from = host; *from; from++) {
		if (*from == '/' || *from == ':')
			to += sprintf(to, "\\%03o", (unsigned)*from);
		else
			*to++ = *from;
	}
	*to = '\0';
}

void sp_maildir_name_fresh(
	char out[SP_MAILDIR_NAME_BYTES], unsigned long counter)
{
	char host[4 * HOST_BYTES_MAX + 1];
	struct timespec now;

	host_name(host);
	clock_gettime(CLOCK_REALTIME, &now);
	/* The host is cut so that S=, W= and flags find room behind it. */
	snprintf(out, SP_MAILDIR_NAME_BYTES, "%lld.M%ldP%ldQ%lu.%.*s",
		(long long)now.tv_sec, now.tv_nsec / 1000, (long)getpid(),
		counter, (int)HOST_BYTES_MAX, host);
}

struct sp_span sp_maildir_name_base(struct sp_span name)
{
	return sp_span(name.data, sp_span_find(name, ':'));
}

struct sp_span sp_maildir_name_info(struct sp_span name)
{
	return sp_span_after(name, sp_span_find(name, ':'));
}

bool sp_maildir_name_is_size(struct sp_span part, char field)
{
	if (part.size < 3 || part.data[0] != field || part.data[1] != '=')
		return false;
	for (size_t i = 2; i < part.size; i++)
		if (!sp_is_digit(part.data[i]))
			return false;
	return true;
}

bool sp_maildir_name_has(struct sp_span name, char field)
{
	struct sp_span rest = sp_maildir_name_base(name);

	(void)sp_span_split(&rest, ',');
	while (rest.data)
		if (sp_maildir_name_is_size(sp_span_split(&rest, ','), field))
			return true;
	return false;
}

bool sp_maildir_name_resize(char out[SP_MAILDIR_NAME_BYTES],
	struct sp_span name, const struct sp_content_sizes *sizes)
{
	struct sp_span rest = sp_maildir_name_base(name);
	struct sp_span info = sp_maildir_name_info(name);
	struct sp_span part = sp_span_split(&rest, ',');
	/* Longer than any result: each field grows by 20 digits at most. */
	char made[SP_MAILDIR_NAME_BYTES * 8];
	size_t used;

	if (name.size >= SP_MAILDIR_NAME_BYTES)
		return false;
	used = (size_t)sprintf(made, "%.*s", SP_SPAN_ARGS(part));
	while (rest.data) {
		part = sp_span_split(&rest, ',');
		if (sp_maildir_name_is_size(part, 'S'))
			used += (size_t)sprintf(
				made + used, ",S=%" PRIu64, sizes->stored);
		else if (sp_maildir_name_is_size(part, 'W'))
			used += (size_t)sprintf(
				made + used, ",W=%" PRIu64, sizes->crlf);
		else
			used += (size_t)sprintf(
				made + used, ",%.*s", SP_SPAN_ARGS(part));
	}
	used += (size_t)sprintf(made + used, "%.*s", SP_SPAN_ARGS(info));
	if (used >= SP_MAILDIR_NAME_BYTES)
		return false;
	memcpy(out, made, used + 1);
	return true;
}
