/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The key archive: TXT values by name, with the times at which they were seen,
 * in one SQLite file that outlives the DNS (docs/DESIGN.md, "The key archive").
 * The schema is in archive.c and is part of the interface: archives are read
 * with the sqlite3 shell.
 *
 * An archive is used by one thread at a time; several processes may share the
 * file. Faults are told as "PATH: what is wrong; what to do".
 */
#ifndef SP_IO_ARCHIVE_H
#define SP_IO_ARCHIVE_H

#include <stdint.h>

#include "base/error.h"
#include "base/span.h"
#include "io/resolver.h"

#define SP_ARCHIVE_APPLICATION_ID 0x53504b41 /* "SPKA" */
#define SP_ARCHIVE_VERSION 1 /* PRAGMA user_version */
/* Values of one name that are kept; a name with more is hostile. */
#define SP_ARCHIVE_VALUES_MAX 1000u

struct sp_archive;

enum sp_archive_mode {
	SP_ARCHIVE_READ,
	SP_ARCHIVE_WRITE, /* must be there */
	SP_ARCHIVE_CREATE, /* made when it is not there, or is empty */
};

/* One value of one name. Spans of what is read are good during the call. */
struct sp_archive_key {
	struct sp_span name; /* lower case, A-labels, no dot at the end */
	struct sp_span value; /* a TXT record, strings joined; any bytes */
	int64_t first_seen; /* Unix seconds, not after last_seen */
	int64_t last_seen;
	struct sp_span source; /* "dns", "file", or a word of the user's */
	enum sp_dnssec dnssec;
	struct sp_span note; /* for people; may be empty */
};

/* A name that a corpus wants a key for, and what became of the question. */
struct sp_archive_name {
	struct sp_span name;
	uint64_t signatures; /* that name it, in the last corpus it was in */
	int64_t first_used; /* t= or Date; SP_TIME_NONE: not known */
	int64_t last_used;
	int64_t asked; /* when it was last looked up, or SP_TIME_NONE */
	enum sp_answer_status answer; /* of that */
};

/* True when the file begins as SQLite's do; false also for what is not there.
 */
bool sp_archive_is(const char *path);

/*
 * SP_CONFIG for a file that is no archive, is damaged, or is of a newer
 * version; SP_IO for what cannot be opened or is locked. An archive that a
 * writer left behind half way is brought in order first.
 */
enum sp_status sp_archive_open(struct sp_archive **archive, const char *path,
	enum sp_archive_mode mode, struct sp_error *error)
	__attribute__((warn_unused_result));
void sp_archive_close(struct sp_archive *archive);
const char *sp_archive_path(const struct sp_archive *archive);

/* What is put between begin and commit is there as a whole or not at all. */
enum sp_status sp_archive_begin(struct sp_archive *archive,
	struct sp_error *error) __attribute__((warn_unused_result));
enum sp_status sp_archive_commit(struct sp_archive *archive,
	struct sp_error *error) __attribute__((warn_unused_result));

enum sp_archive_put {
	SP_ARCHIVE_ADDED,
	SP_ARCHIVE_EXTENDED, /* it was there: first_seen, last_seen extended */
	SP_ARCHIVE_KNOWN, /* it was there, and the times say nothing new */
	SP_ARCHIVE_REFUSED, /* the name has SP_ARCHIVE_VALUES_MAX values */
};

/*
 * Adds a value or, when name and value are there, extends its times. Source
 * and note stay what they were unless they were empty; dnssec "secure" once
 * seen stays.
 */
enum sp_status sp_archive_put(struct sp_archive *archive,
	const struct sp_archive_key *key, enum sp_archive_put *outcome,
	struct sp_error *error) __attribute__((warn_unused_result));

/* Adds a name or updates it: the times of use are extended, signatures is
 * replaced; with asked, so are asked and answer. */
enum sp_status sp_archive_put_name(struct sp_archive *archive,
	const struct sp_archive_name *name, struct sp_error *error)
	__attribute__((warn_unused_result));

/*
 * Calls back for each value, by name, of one name newest first. pattern is a
 * glob ("*", "?", "[...]") for names, or NULL: all. A status other than SP_OK
 * from the call ends it and is returned.
 */
enum sp_status sp_archive_each(struct sp_archive *archive, const char *pattern,
	enum sp_status (*call)(void *context, const struct sp_archive_key *key,
		struct sp_error *error),
	void *context, struct sp_error *error)
	__attribute__((warn_unused_result));

/* The same for names that have no value in the archive. */
enum sp_status sp_archive_each_missing(struct sp_archive *archive,
	enum sp_status (*call)(void *context,
		const struct sp_archive_name *name, struct sp_error *error),
	void *context, struct sp_error *error)
	__attribute__((warn_unused_result));

/* Undoes sp_dnssec_name(); false for another word. */
bool sp_archive_dnssec_parse(struct sp_span word, enum sp_dnssec *dnssec);

#endif
