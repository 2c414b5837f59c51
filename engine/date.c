/* SPDX-License-Identifier: Apache-2.0 */
/* Dates in header fields (RFC 5322 3.3, 4.3). */
#include "engine/date.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define WORD_BYTES_MIN 3u /* of month and weekday names */

/* Passes over white space and comments (3.2.2); false when one is not closed.
 */
static bool skip_cfws(struct sp_span *at)
{
	size_t depth = 0;

	while (at->size) {
		char c = at->data[0];

		if (c == '(')
			depth++;
		else if (depth && c == ')')
			depth--;
		else if (depth && c == '\\' && at->size > 1)
			*at = sp_span_after(*at, 1);
		else if (!depth && !sp_is_fws(c))
			return true;
		*at = sp_span_after(*at, 1);
	}
	return depth == 0;
}

/* A number of min to max digits, and what may stand behind it. */
static bool take_number(
	struct sp_span *at, size_t min, size_t max, int *number, size_t *digits)
{
	size_t count = 0;

	*number = 0;
	while (at->size && sp_is_digit(at->data[0])) {
		if (++count > max)
			return false;
		*number = *number * 10 + (at->data[0] - '0');
		*at = sp_span_after(*at, 1);
	}
	if (digits)
		*digits = count;
	return count >= min && skip_cfws(at);
}

static struct sp_span take_word(struct sp_span *at)
{
	size_t size = 0;
	struct sp_span word;

	while (size < at->size && sp_is_alpha(at->data[size]))
		size++;
	word = sp_span(at->data, size);
	*at = sp_span_after(*at, size);
	return word;
}

static bool take_char(struct sp_span *at, char c)
{
	if (!at->size || at->data[0] != c)
		return false;
	*at = sp_span_after(*at, 1);
	return skip_cfws(at);
}

/* Month 1 to 12; long names are common enough to be read too. */
static bool take_month(struct sp_span *at, int *month)
{
	static const char names[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	struct sp_span word = take_word(at);

	if (word.size < WORD_BYTES_MIN)
		return false;
	word.size = WORD_BYTES_MIN;
	for (int i = 0; i < 12; i++) {
		if (!sp_span_equal_nocase(
			    word, sp_span(names + 3 * i, WORD_BYTES_MIN)))
			continue;
		*month = i + 1;
		return skip_cfws(at);
	}
	return false;
}

/* 4.3: two digits mean 1950 to 2049, three count from 1900. */
static bool take_year(struct sp_span *at, int *year)
{
	size_t digits;

	if (!take_number(at, 2, 4, year, &digits))
		return false;
	if (digits == 2)
		*year += *year < 50 ? 2000 : 1900;
	else if (digits == 3)
		*year += 1900;
	return *year >= 1900;
}

/* Seconds east of UTC. */
static bool take_zone(struct sp_span *at, int *offset_s)
{
	static const struct {
		const char *name;
		int hours;
	} zones[] = {
		{"EST", -5},
		{"EDT", -4},
		{"CST", -6},
		{"CDT", -5},
		{"MST", -7},
		{"MDT", -6},
		{"PST", -8},
		{"PDT", -7},
	};
	struct sp_span word;
	int hhmm;

	*offset_s = 0;
	if (at->size && (at->data[0] == '+' || at->data[0] == '-')) {
		int sign = at->data[0] == '-' ? -1 : 1;

		*at = sp_span_after(*at, 1);
		if (!take_number(at, 4, 4, &hhmm, NULL) || hhmm % 100 > 59)
			return false;
		*offset_s = sign * (hhmm / 100 * 3600 + hhmm % 100 * 60);
		return true;
	}
	word = take_word(at);
	for (size_t i = 0; i < COUNT(zones); i++)
		if (sp_span_is_nocase(word, zones[i].name))
			*offset_s = zones[i].hours * 3600;
	return skip_cfws(at);
}

static int month_days(int year, int month)
{
	static const int days[] = {
		31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

	return days[month - 1] + (month == 2 && leap);
}

/* Days from 1970-01-01 to a day of the Gregorian calendar. */
static int64_t days_since_epoch(int year, int month, int day)
{
	/* Years that begin in March end with the leap day. */
	int64_t y = month > 2 ? year : year - 1;
	int64_t m = month > 2 ? month - 3 : month + 9;

	return 365 * y + y / 4 - y / 100 + y / 400 + (153 * m + 2) / 5 + day -
	       1 - 719468;
}

static bool take_date(struct sp_span *at, int64_t *days)
{
	struct sp_span weekday = take_word(at);
	int day, month, year;

	if (!skip_cfws(at))
		return false;
	if (weekday.size && !take_char(at, ','))
		return false;
	if (!take_number(at, 1, 2, &day, NULL) || !take_month(at, &month) ||
		!take_year(at, &year))
		return false;
	if (day < 1 || day > month_days(year, month))
		return false;
	*days = days_since_epoch(year, month, day);
	return true;
}

static bool take_time(struct sp_span *at, int *seconds)
{
	int hour, minute;
	int second = 0;

	if (!take_number(at, 1, 2, &hour, NULL) || !take_char(at, ':') ||
		!take_number(at, 1, 2, &minute, NULL))
		return false;
	if (at->size && at->data[0] == ':' &&
		!(take_char(at, ':') && take_number(at, 1, 2, &second, NULL)))
		return false;
	/* 60 is a leap second (3.3). */
	if (hour > 23 || minute > 59 || second > 60)
		return false;
	*seconds = hour * 3600 + minute * 60 + second;
	return true;
}

bool sp_date_parse(struct sp_span value, int64_t *seconds)
{
	int64_t days;
	int time_s, zone_s;

	if (!skip_cfws(&value) || !take_date(&value, &days) ||
		!take_time(&value, &time_s) || !take_zone(&value, &zone_s))
		return false;
	if (value.size)
		return false;
	*seconds = days * 86400 + time_s - zone_s;
	return true;
}
