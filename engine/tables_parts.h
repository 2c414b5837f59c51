/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of engine/tables.h share, and nobody else sees. */
#ifndef SP_ENGINE_TABLES_PARTS_H
#define SP_ENGINE_TABLES_PARTS_H

#include "base/buffer.h"
#include "base/map.h"
#include "engine/tables.h"

struct sp_tables {
	struct sp_arena arena;
	struct sp_buffer key_text; /* spans of the entries point here */
	struct sp_buffer signing_text;
	char *key_path; /* in the arena */
	char *signing_path;

	struct sp_table_key *keys; /* in the order of the file */
	struct sp_map keys_by_name;

	bool wildcards;
	struct sp_map rules_by_pattern; /* to the first rule of each */
	struct sp_table_rule *globs; /* patterns that must be tried */
};

/* Reads the text that is in tables->key_text. */
enum sp_status sp_tables_read_keys(struct sp_tables *tables,
	struct sp_error *error) __attribute__((warn_unused_result));

/* Reads the text that is in tables->signing_text; keys must be read. */
enum sp_status sp_tables_read_rules(struct sp_tables *tables,
	enum sp_table_form form, struct sp_error *error)
	__attribute__((warn_unused_result));

/* One line without comment and white space around it. */
struct sp_table_line {
	size_t number; /* from 1 */
	struct sp_span word; /* up to the first white space */
	struct sp_span rest;
};

/* The next line with something in it; false at the end of *text. */
bool sp_tables_next_line(struct sp_span *text, struct sp_table_line *line);

/* Does pattern, whose "*" match anything, match text? */
bool sp_tables_glob(struct sp_span pattern, struct sp_span text);

/* Lower case, in place. */
void sp_tables_lower(struct sp_span s);

/* SP_NO_MEMORY with words. */
enum sp_status sp_tables_no_memory(struct sp_error *error);

#endif
