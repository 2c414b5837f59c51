/* SPDX-License-Identifier: Apache-2.0 */
/* "sealpress keys import": readers of files, one per form. */
#ifndef SP_CLI_KEYS_IMPORT_H
#define SP_CLI_KEYS_IMPORT_H

#include "cli/keys.h"

struct sp_keys_import {
	struct sp_common *common;
	struct sp_archive *archive;
	/* Where a file says nothing of its own: */
	int64_t first_seen;
	int64_t last_seen;
	struct sp_span source;
	struct sp_span note;
	struct sp_pkey_open_options open; /* private keys of key tables */
	/* What became of it. */
	uint64_t added, extended, known;
	uint64_t passed_over; /* records that are no keys */
	uint64_t refused; /* too many of a name */
};

/* A key with what the options say. */
struct sp_archive_key sp_keys_import_default(
	const struct sp_keys_import *import);

/*
 * Checks name, size and times, and puts the key into the archive. path:line
 * is for words. A name that is none of a key is passed over, and so is a
 * value that is too long.
 */
enum sp_status sp_keys_import_put(struct sp_keys_import *import,
	const struct sp_archive_key *key, const char *path, size_t line,
	struct sp_error *error) __attribute__((warn_unused_result));

/* Says what became of all of it, unless quiet; path is the archive's. */
void sp_keys_import_summary(
	const struct sp_keys_import *import, const char *path);

/* The readers. text may be changed by them. */
enum sp_status sp_keys_import_zone(struct sp_keys_import *import,
	const char *path, struct sp_buffer *text, struct sp_error *error)
	__attribute__((warn_unused_result));
enum sp_status sp_keys_import_json(struct sp_keys_import *import,
	const char *path, struct sp_buffer *text, struct sp_error *error)
	__attribute__((warn_unused_result));
enum sp_status sp_keys_import_csv(struct sp_keys_import *import,
	const char *path, struct sp_buffer *text, struct sp_error *error)
	__attribute__((warn_unused_result));
enum sp_status sp_keys_import_table(
	struct sp_keys_import *import, const char *path, struct sp_error *error)
	__attribute__((warn_unused_result));
enum sp_status sp_keys_import_archive(
	struct sp_keys_import *import, const char *path, struct sp_error *error)
	__attribute__((warn_unused_result));

#endif
