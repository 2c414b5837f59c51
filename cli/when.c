/* SPDX-License-Identifier: Apache-2.0 */
/* Unix seconds and RFC 3339 section 5.6. */
#include "cli/when.h"

#include <string.h>

#include "base/span.h"

/* Takes exactly count digits off *at. */
static bool take_number(const char **at, int count, int *number)
{
	*number = 0;
	for (int i = 0; i < count; i++, (*at)++) {
		if (!sp_is_digit(**at))
			return false;
		*number = *number * 10 + (**at - '0');
	}
	return true;
}

static bool take(const char **at, const char *one_of)
{
	if (**at == '\0' || !strchr(one_of, **at))
		return false;
	(*at)++;
	return true;
}

static int days_in_month(int year, int month)
{
	static const int days[] = {
		31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

	return days[month - 1] + (month == 2 && leap);
}

/* Days from 1970-01-01, in the proleptic Gregorian calendar. */
static int64_t days_since_epoch(int year, int month, int day)
{
	int64_t days = day - 1;
	int64_t before = year - 1;

	for (int m = 1; m < month; m++)
		days += days_in_month(year, m);
	return days + before * 365 + before / 4 - before / 100 + before / 400 -
	       719162;
}

/* "Z" or "+hh:mm": how much local time is ahead of UTC. */
static bool take_offset(const char **at, int *ahead_s)
{
	int sign = **at == '-' ? -1 : 1;
	int hour, minute;

	*ahead_s = 0;
	if (take(at, "Zz"))
		return true;
	if (!take(at, "+-") || !take_number(at, 2, &hour) || !take(at, ":") ||
		!take_number(at, 2, &minute) || hour > 23 || minute > 59)
		return false;
	*ahead_s = sign * (hour * 3600 + minute * 60);
	return true;
}

static bool parse_rfc3339(const char *at, int64_t *seconds)
{
	int year, month, day, hour, minute, second, ahead_s;

	if (!take_number(&at, 4, &year) || !take(&at, "-") ||
		!take_number(&at, 2, &month) || !take(&at, "-") ||
		!take_number(&at, 2, &day) || !take(&at, "Tt ") ||
		!take_number(&at, 2, &hour) || !take(&at, ":") ||
		!take_number(&at, 2, &minute) || !take(&at, ":") ||
		!take_number(&at, 2, &second))
		return false;
	if (take(&at, ".")) {
		if (!sp_is_digit(*at))
			return false;
		while (sp_is_digit(*at))
			at++;
	}
	if (!take_offset(&at, &ahead_s) || *at)
		return false;
	/* 60 is a leap second. */
	if (year < 1 || month < 1 || month > 12 || day < 1 ||
		day > days_in_month(year, month) || hour > 23 || minute > 59 ||
		second > 60)
		return false;
	*seconds = days_since_epoch(year, month, day) * 86400 + hour * 3600 +
		   minute * 60 + second - ahead_s;
	return true;
}

bool sp_when_parse(const char *text, int64_t *seconds)
{
	int64_t value = 0;
	const char *at = text;

	for (; sp_is_digit(*at) && value <= SP_WHEN_MAX; at++)
		value = value * 10 + (*at - '0');
	if (at == text || *at || value > SP_WHEN_MAX)
		return parse_rfc3339(text, seconds) && *seconds >= 0 &&
		       *seconds <= SP_WHEN_MAX;
	*seconds = value;
	return true;
}
