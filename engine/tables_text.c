/* SPDX-License-Identifier: Apache-2.0 */
/* OpenDKIM's tables: what the text of both has in common. */
#include "engine/tables_parts.h"

bool sp_tables_next_line(struct sp_span *text, struct sp_table_line *line)
{
	while (text->data) {
		struct sp_span all = sp_span_split(text, '\n');
		size_t size = 0;

		line->number++;
		all = sp_span_trim(sp_span(all.data, sp_span_find(all, '#')));
		if (!all.size)
			continue;
		while (size < all.size && !sp_is_fws(all.data[size]))
			size++;
		line->word = sp_span(all.data, size);
		line->rest = sp_span_trim(sp_span_after(all, size));
		return true;
	}
	return false;
}

void sp_tables_lower(struct sp_span s)
{
	char *at = (char *)(uintptr_t)s.data; /* the text is ours */

	for (size_t i = 0; i < s.size; i++)
		at[i] = sp_lower(at[i]);
}

enum sp_status sp_tables_no_memory(struct sp_error *error)
{
	return sp_error(error, SP_NO_MEMORY,
		"not enough memory for the tables; free some");
}
