/* SPDX-License-Identifier: Apache-2.0 */
/* Names by Levenshtein distance. */
#include "cli/nearest.h"

#include <stdint.h>
#include <string.h>

/* Names longer than the row count as far away. */
static size_t distance(struct sp_span a, struct sp_span b)
{
	size_t row[64];

	if (b.size >= sizeof(row) / sizeof(row[0]))
		return SIZE_MAX;
	for (size_t j = 0; j <= b.size; j++)
		row[j] = j;
	for (size_t i = 1; i <= a.size; i++) {
		size_t diagonal = row[0];

		row[0] = i;
		for (size_t j = 1; j <= b.size; j++) {
			size_t swap =
				diagonal + (a.data[i - 1] != b.data[j - 1]);
			size_t least =
				row[j] < row[j - 1] ? row[j] : row[j - 1];

			diagonal = row[j];
			row[j] = swap < least + 1 ? swap : least + 1;
		}
	}
	return row[b.size];
}

void sp_nearest_begin(struct sp_nearest *nearest, struct sp_span given)
{
	*nearest = (struct sp_nearest){
		.given = given, .apart = given.size / 3 + 1};
}

void sp_nearest_try(struct sp_nearest *nearest, const char *name)
{
	struct sp_span given = nearest->given;
	struct sp_span known = sp_span_str(name);
	size_t apart = distance(given, known);

	/* A beginning of a name is as near as it gets. */
	if (given.size && given.size < known.size &&
		memcmp(given.data, known.data, given.size) == 0)
		apart = 1;
	if (apart < nearest->apart ||
		(apart == nearest->apart && !nearest->name)) {
		nearest->apart = apart;
		nearest->name = name;
	}
}
