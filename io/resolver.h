/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where TXT answers come from: names in, values out. One table of functions
 * per backend: key and zone files (resolver_file.c), the key archive
 * (resolver_archive.c).
 */
#ifndef SP_IO_RESOLVER_H
#define SP_IO_RESOLVER_H

#include "base/arena.h"
#include "base/error.h"

enum sp_answer_status {
	SP_ANSWER_UNKNOWN, /* this source does not know the name; ask the next
			    */
	SP_ANSWER_FOUND,
	SP_ANSWER_NXDOMAIN, /* it knows that there is no such name or record */
	SP_ANSWER_SERVFAIL,
	SP_ANSWER_TIMEOUT,
};

/* From when to when a value was seen, Unix seconds; and how. */
struct sp_seen {
	int64_t first;
	int64_t last;
	enum sp_dnssec dnssec;
};

struct sp_answer {
	enum sp_answer_status status;
	struct sp_span *values; /* TXT records, strings joined; FOUND only */
	size_t count;
	const struct sp_seen *seen; /* one per value, or NULL: not known */
	uint32_t ttl_s;
	enum sp_key_source source;
	enum sp_dnssec dnssec;
};

struct sp_resolver;

/*
 * One name being asked for without anybody waiting. The caller's, together
 * with the name, until done() is called: once, from the resolver's own thread
 * or from within start(). done() must not block; the answer's values are good
 * during the call. It may free the query.
 */
struct sp_query {
	struct sp_span name;
	void (*done)(struct sp_query *query, const struct sp_answer *answer);
	struct sp_query *next; /* the resolver's from start() to done() */
};

struct sp_resolver_ops {
	const char *name;
	/*
	 * Answers count names (lower-case A-labels, no final dot). Values
	 * live in the arena or in the resolver, at least until the arena is
	 * reset. Called from several threads at once. Waits for the network
	 * if start() is there.
	 */
	enum sp_status (*lookup)(struct sp_resolver *resolver,
		const struct sp_span *names, size_t count,
		struct sp_answer *answers, struct sp_arena *arena);
	/*
	 * Says why a lookup returned a status other than SP_OK; NULL: the only
	 * one it returns is SP_NO_MEMORY.
	 */
	void (*explain)(struct sp_resolver *resolver, struct sp_error *error);
	void (*close)(struct sp_resolver *resolver);
	/*
	 * Asks for the names of a list of queries; never waits. NULL: lookup()
	 * does not wait either. Called from several threads at once.
	 */
	void (*start)(struct sp_resolver *resolver, struct sp_query *queries);
	/* Whatever is asked from now on, and what is under way, is answered
	 * SP_ANSWER_TIMEOUT at once. NULL where start() is. */
	void (*cancel)(struct sp_resolver *resolver);
};

/* Backends embed this as their first member. */
struct sp_resolver {
	const struct sp_resolver_ops *ops;
};

/* "found", "nxdomain", ...; NULL for SP_ANSWER_UNKNOWN. */
const char *sp_answer_name(enum sp_answer_status status);
/* "unknown", "insecure", "secure" */
const char *sp_dnssec_name(enum sp_dnssec dnssec);

/* One of the next two, by what is in the file. */
enum sp_status sp_resolver_open(struct sp_resolver **resolver, const char *path,
	struct sp_error *error) __attribute__((warn_unused_result));

/*
 * Answers from a key archive (io/archive.h), which is only read: the newest
 * SP_KEY_ARCHIVED_MAX values of a name, by last_seen, first_seen and value.
 */
enum sp_status sp_resolver_open_archive(
	struct sp_resolver **resolver, const char *path, struct sp_error *error)
	__attribute__((warn_unused_result));

/*
 * Answers from a key file or zone file (io/zonefile.h). The whole file is held
 * in memory, once. A name given several times has several values, in order.
 * SP_CONFIG names FILE:LINE, the fault and the remedy.
 */
enum sp_status sp_resolver_open_file(
	struct sp_resolver **resolver, const char *path, struct sp_error *error)
	__attribute__((warn_unused_result));

/* The same from memory; name is for messages. text is copied. */
enum sp_status sp_resolver_open_text(struct sp_resolver **resolver,
	struct sp_span text, const char *name, struct sp_error *error)
	__attribute__((warn_unused_result));

static inline void sp_resolver_close(struct sp_resolver *resolver)
{
	if (resolver)
		resolver->ops->close(resolver);
}

#endif
