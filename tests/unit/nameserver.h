/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A name server for tests, UDP and TCP on a port of 127.0.0.1, that does what
 * the first label of a name says:
 *
 *	txt    one record, "v=DKIM1; p=NAME", TTL 300
 *	two    two records, one of them in two strings
 *	alias  CNAME to txt.target, with that record
 *	away   CNAME to txt.target, without
 *	loop   CNAME to itself
 *	nx     NXDOMAIN with SOA; none: no record; fail: SERVFAIL
 *	big    truncated in UDP; one value of 60,000 bytes in TCP
 *	many   truncated in UDP; 3,000 records in TCP
 *	half   one record, truncated, in UDP and in TCP
 *	id     wrong id first, then the right answer
 *	other  the answer for another question first, then the right one
 *	owner  the right question, the record of another name
 *	junk   bytes that are no DNS message, with the right id and question
 *	late   answers after server->late_ms
 *	lost   no answer to the first query for it
 *	mute   never an answer
 */
#ifndef SP_TESTS_UNIT_NAMESERVER_H
#define SP_TESTS_UNIT_NAMESERVER_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

struct nameserver {
	char address[32]; /* for --resolver */
	atomic_uint queries; /* heard, UDP and TCP */
	atomic_uint tcp;
	atomic_bool deaf; /* hears nothing: as a cable that is cut */
	atomic_bool authentic; /* sets AD */
	atomic_int late_ms;
	atomic_bool closing;
	int udp;
	int listener; /* -1: TCP is refused */
	int port;
	pthread_t thread;
	void *waiting; /* answers that are late */
	char seen[4096]; /* "lost" names heard once, by hash */
};

/* False when the sockets cannot be made. */
bool nameserver_open(struct nameserver *server, bool with_tcp);
void nameserver_close(struct nameserver *server);

/* The sockets go away, as with the process; and come back. */
void nameserver_die(struct nameserver *server);
void nameserver_revive(struct nameserver *server);

#endif
