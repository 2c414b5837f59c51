/* SPDX-License-Identifier: Apache-2.0 */
/* "sealpress keys": what its commands share. */
#ifndef SP_CLI_KEYS_H
#define SP_CLI_KEYS_H

#include "cli/verify_options.h"
#include "engine/domain.h"
#include "engine/keyrecord.h"
#include "io/archive.h"

/* argv[0] is the word behind "keys". They return exit statuses. */
int sp_keys_harvest(int argc, char **argv);
int sp_keys_import(int argc, char **argv);
int sp_keys_list(int argc, char **argv);
int sp_keys_export(int argc, char **argv);
int sp_keys_check(int argc, char **argv);
int sp_keys_add(int argc, char **argv);

/* How lists are printed: --as. */
enum sp_keys_form { SP_KEYS_TEXT, SP_KEYS_NDJSON, SP_KEYS_CSV };
extern const char *const sp_keys_form_names[];

/* "2024-02-29", UTC; "-" for SP_TIME_NONE. out has SP_KEYS_DATE_BYTES. */
#define SP_KEYS_DATE_BYTES 32u
void sp_keys_date(char *out, int64_t time);

/*
 * Writes a name of a key in the one form there is: lower case, A-labels, no
 * dot at the end. False when it is none, or has no "._domainkey." in it.
 */
bool sp_keys_name(char out[SP_DOMAIN_BYTES_MAX + 1], struct sp_span text);

/* "rsa 2048", "ed25519", "revoked", "unusable (key-syntax)" ... */
void sp_keys_describe(struct sp_buffer *out, struct sp_span value);

/* What stands above a list of keys; nothing for most forms. */
void sp_keys_print_header(struct sp_buffer *out, enum sp_keys_form form);
void sp_keys_print(struct sp_buffer *out, const struct sp_archive_key *key,
	enum sp_keys_form form);

/* The same for a list of names. */
void sp_keys_print_names_header(struct sp_buffer *out, enum sp_keys_form form);
void sp_keys_print_name(struct sp_buffer *out,
	const struct sp_archive_name *name, enum sp_keys_form form);

/* Writes to standard output and empties the buffer. */
enum sp_status sp_keys_put_out(struct sp_buffer *out, struct sp_error *error)
	__attribute__((warn_unused_result));

/* Where --keys leads, in order; and, with --resolve, name servers. */
struct sp_key_files {
	const char *paths[SP_KEY_FILES_MAX];
	size_t count;
	bool resolve;
	struct sp_dns_command dns; /* 0: not said */
	struct sp_resolver *resolvers[SP_KEY_FILES_MAX + 1];
	size_t open;
};

/* --keys, --resolve and what goes with it; the target is a sp_key_files. */
extern const struct sp_option sp_key_file_options[];

/* What is wrong with these options together, or NULL. */
const char *sp_key_files_fault(const struct sp_key_files *files);

enum sp_status sp_key_files_open(struct sp_key_files *files,
	struct sp_error *error) __attribute__((warn_unused_result));
void sp_key_files_close(struct sp_key_files *files);

/*
 * Asks the sources in their order for names; each is answered by the first
 * one that knows it. The arena holds the answers.
 */
enum sp_status sp_key_files_ask(struct sp_key_files *files,
	const struct sp_span *names, size_t count, struct sp_answer *answers,
	struct sp_arena *arena, struct sp_error *error)
	__attribute__((warn_unused_result));

/* ARCHIVE [PATTERN], as list and export take them. */
struct sp_keys_operands {
	const char *path;
	const char *pattern; /* of names, or NULL: all */
};

/* False with a status, and words about what is wrong. */
bool sp_keys_operands(struct sp_keys_operands *operands,
	const struct sp_command *about, int count, char **words, int *status);

struct sp_harvest;
struct sp_run_stats;

/*
 * Which keys the inputs need, with a bar and signals as in a run. totals may
 * be NULL. As sp_harvest_run() returns it.
 */
enum sp_status sp_keys_scan(struct sp_harvest **harvest,
	struct sp_common *common, const struct sp_inputs *inputs,
	struct sp_run_stats *stats, struct sp_source_totals *totals,
	struct sp_error *error) __attribute__((warn_unused_result));

/* Says what error holds and returns SP_EXIT_TROUBLE, or returns status. */
int sp_keys_end(struct sp_console *console, enum sp_status outcome,
	const struct sp_error *error, int status);

#endif
