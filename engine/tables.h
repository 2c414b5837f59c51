/* SPDX-License-Identifier: Apache-2.0 */
/*
 * OpenDKIM's KeyTable and SigningTable files (opendkim.conf(5), opendkim(8)
 * "DATA SETS"): which keys sign the mail of which sender.
 *
 *	key table       NAME DOMAIN:SELECTOR:KEY
 *	signing table   PATTERN NAME[:IDENTITY]
 *
 * One entry per line; "#" begins a comment. DOMAIN may be "%": the sender's
 * domain. KEY is a file when it begins with "/", "./" or "../" or holds a
 * character that base64 has not, else the key itself in base64 (PKCS#8, PKCS#1
 * or a raw Ed25519 seed); "%" in a file's name is the sender's domain. Files
 * are relative to the table's folder. NAME "%" in the signing table is the
 * sender's domain, too, and so is "%" in IDENTITY (i=).
 *
 * With wildcards ("refile:") "*" in a PATTERN matches anything, and PATTERN is
 * compared with the whole address. Without ("file:") these are looked up, in
 * this order: user@host, host, user@.parent for each parent domain, .parent
 * for each, user@*, *. Case does not matter; U-labels and A-labels are equal.
 *
 * All entries that match count, as with OpenDKIM's MultipleSignatures: with
 * wildcards in the order of the file, else in the order above. (OpenDKIM
 * itself takes only the first of a PATTERN that is listed twice in a "file:".)
 */
#ifndef SP_ENGINE_TABLES_H
#define SP_ENGINE_TABLES_H

#include "base/arena.h"
#include "base/error.h"
#include "base/limits.h"

struct sp_pkey;

/* An entry of the key table. */
struct sp_table_key {
	struct sp_table_key *next; /* in the order of the file */
	struct sp_span name; /* lower case */
	struct sp_span domain; /* A-labels, or empty: the sender's domain */
	struct sp_span selector; /* A-labels */
	struct sp_span path; /* NUL behind it; empty: the key is in text */
	struct sp_span text; /* base64 */
	bool per_domain; /* path holds "%" */
	size_t line;
	const struct sp_pkey *pkey; /* the keyring's: set once it is loaded */
};

/* An entry of the signing table. */
struct sp_table_rule {
	struct sp_table_rule *next; /* with the same pattern */
	struct sp_table_rule *next_glob; /* in the order of the file */
	struct sp_span pattern; /* lower case */
	struct sp_span identity; /* may hold "%"; empty: none */
	const struct sp_table_key *key; /* NULL: named by sender's domain */
	size_t line;
};

struct sp_tables;

/* A table in memory. */
struct sp_table_text {
	struct sp_span text;
	const char *path; /* for messages, and of its folder */
	enum sp_table_form {
		SP_TABLE_AUTO, /* wildcards when some pattern needs them */
		SP_TABLE_FILE,
		SP_TABLE_REFILE,
	} form;
};

/* The file that a table is in: what "file:" or "refile:" stands before. */
const char *sp_tables_path(const char *name);

/*
 * Reads both tables; paths may begin with "file:" or "refile:". SP_CONFIG
 * names FILE:LINE, what is wrong there and what to do.
 */
enum sp_status sp_tables_open(struct sp_tables **tables, const char *key_table,
	const char *signing_table, struct sp_error *error)
	__attribute__((warn_unused_result));

/* The key table alone; nothing matches. */
enum sp_status sp_tables_open_keys(struct sp_tables **tables,
	const char *key_table, struct sp_error *error)
	__attribute__((warn_unused_result));

/* The same from memory; the texts are copied. */
enum sp_status sp_tables_parse(struct sp_tables **tables,
	const struct sp_table_text *key_table,
	const struct sp_table_text *signing_table, struct sp_error *error)
	__attribute__((warn_unused_result));

/* Frees, and wipes the texts, which may hold keys. NULL is fine. */
void sp_tables_close(struct sp_tables *tables);

/* Wipes the keys in the texts: they are loaded. */
void sp_tables_wipe(struct sp_tables *tables);

/* The first entry of the key table, and its file's name for messages. */
struct sp_table_key *sp_tables_keys(struct sp_tables *tables);
const char *sp_tables_key_path(const struct sp_tables *tables);

/* The key called name (lower case), or NULL. */
const struct sp_table_key *sp_tables_key(
	const struct sp_tables *tables, struct sp_span name);

/* The sender of a message, as the tables are asked for it. */
struct sp_table_sender {
	struct sp_span local; /* in lower case */
	struct sp_span domain; /* in lower case, A-labels if it is a name */
	bool is_domain; /* it is a domain name, and may stand for "%" */
	struct sp_span address; /* local@domain, in the arena */
};

enum sp_status sp_tables_sender(struct sp_table_sender *sender,
	struct sp_span address, struct sp_arena *arena)
	__attribute__((warn_unused_result));

/*
 * Writes the entries that match, at most rules_max, in the order they sign.
 * Safe in several threads at once, each with an arena of its own.
 */
enum sp_status sp_tables_match(const struct sp_tables *tables,
	const struct sp_table_sender *sender, struct sp_arena *arena,
	const struct sp_table_rule **rules, size_t rules_max, size_t *count)
	__attribute__((warn_unused_result));

#endif
