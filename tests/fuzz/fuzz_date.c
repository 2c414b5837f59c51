/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Dates: what is read lies within the years that four digits can say, and
 * comments around it change nothing (RFC 5322 3.2.2).
 */
#include "engine/date.h"

#include <assert.h>
#include <stdlib.h>

#define FIRST_S (-2208988800LL) /* 1900-01-01 */
#define LAST_S 253402300800LL /* 10000-01-01 */
/* The zone moves a date by up to "+9959". */
#define ZONE_S (100 * 3600LL)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char front[] = "(a(b\\)c))";
	static const char back[] = "\r\n (d)";
	size_t room = size + sizeof(front) + sizeof(back);
	char *text = malloc(room);
	int64_t seconds, again;
	size_t used = sizeof(front) - 1;

	if (!text)
		return 0;
	memcpy(text, front, used);
	if (size)
		memcpy(text + used, data, size);
	memcpy(text + used + size, back, sizeof(back));
	used += size + sizeof(back) - 1;
	if (sp_date_parse(sp_span(data, size), &seconds)) {
		assert(seconds >= FIRST_S - ZONE_S);
		assert(seconds < LAST_S + ZONE_S);
		assert(sp_date_parse(sp_span(text, used), &again));
		assert(again == seconds);
	}
	free(text);
	return 0;
}
