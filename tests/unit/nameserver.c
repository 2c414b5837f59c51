/* SPDX-License-Identifier: Apache-2.0 */
/* A name server that does what names say (RFC 1035 section 4). */
#include "tests/unit/nameserver.h"

#include <arpa/inet.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"

#define BYTES_MAX 65535u
#define RECORDS_MANY 3000u
#define VALUE_BYTES_BIG 60000u

struct question {
	const unsigned char *bytes; /* the query */
	size_t end; /* of the question */
	char label[64]; /* the first one */
	char name[256];
	bool tcp;
};

struct reply {
	unsigned char bytes[BYTES_MAX];
	size_t size;
};

/* An answer that is not to leave yet. */
struct late {
	struct late *next;
	long long due_ms;
	struct sockaddr_in to;
	size_t size;
	unsigned char bytes[512];
};

static long long now_ms(void)
{
	return (long long)(sp_clock_ns() / 1000000);
}

static void add(struct reply *reply, const void *bytes, size_t size)
{
	memcpy(reply->bytes + reply->size, bytes, size);
	reply->size += size;
}

static void add16(struct reply *reply, unsigned value)
{
	unsigned char bytes[] = {
		(unsigned char)(value >> 8), (unsigned char)value};

	add(reply, bytes, 2);
}

static void set16(struct reply *reply, size_t at, unsigned value)
{
	reply->bytes[at] = (unsigned char)(value >> 8);
	reply->bytes[at + 1] = (unsigned char)value;
}

static void add_name(struct reply *reply, const char *name)
{
	while (*name) {
		size_t size = strcspn(name, ".");
		unsigned char length = (unsigned char)size;

		add(reply, &length, 1);
		add(reply, name, size);
		name += size + (name[size] == '.');
	}
	add(reply, "", 1);
}

/* Everything of a record but its data; "" is the name in question. */
static void add_record(struct reply *reply, const char *owner, unsigned type,
	unsigned ttl, unsigned size)
{
	if (*owner)
		add_name(reply, owner);
	else
		add(reply, "\xc0\x0c", 2);
	add16(reply, type);
	add16(reply, 1);
	add16(reply, 0);
	add16(reply, ttl);
	add16(reply, size);
	set16(reply, type == 6 ? 8 : 6,
		reply->bytes[type == 6 ? 9 : 7] +
			256u * reply->bytes[type == 6 ? 8 : 6] + 1);
}

static void add_txt(
	struct reply *reply, const char *owner, const char *text, size_t size)
{
	size_t strings = (size + 254) / 255;

	add_record(reply, owner, 16, 300, (unsigned)(size + strings));
	while (size) {
		unsigned char length = (unsigned char)(size > 255 ? 255 : size);

		add(reply, &length, 1);
		add(reply, text, length);
		text += length;
		size -= length;
	}
}

static void add_value(
	struct reply *reply, const struct question *question, const char *owner)
{
	char text[300];
	int size = snprintf(text, sizeof(text), "v=DKIM1; p=%s",
		*owner ? owner : question->name);

	add_txt(reply, owner, text, (size_t)size);
}

static void add_cname(struct reply *reply, const char *owner, const char *to)
{
	add_record(reply, owner, 5, 200, (unsigned)strlen(to) + 2);
	add_name(reply, to);
}

static void add_soa(struct reply *reply)
{
	add_record(reply, "", 6, 120, 22);
	add(reply, "\0\0\0\0\0\1\0\0\0\1\0\0\0\1\0\0\0\1\0\0\0\x3c", 22);
}

static void fill_large(struct reply *reply, const struct question *question)
{
	static char text[VALUE_BYTES_BIG];

	if (!question->tcp) {
		reply->bytes[2] |= 2; /* TC */
	} else if (strcmp(question->label, "big") == 0) {
		memset(text, 'A', sizeof(text));
		memcpy(text, "v=DKIM1; p=", 11);
		add_txt(reply, "", text, sizeof(text));
	} else {
		for (unsigned i = 0; i < RECORDS_MANY; i++) {
			char number[16];

			snprintf(number, sizeof(number), "n%u", i);
			add_txt(reply, "", number, strlen(number));
		}
	}
}

static void fill(struct reply *reply, const struct question *question)
{
	const char *label = question->label;

	if (strcmp(label, "two") == 0) {
		add_txt(reply, "", "zweite", 6);
		add_record(reply, "", 16, 100, 12);
		add(reply, "\5erste\5 Zeil", 12);
	} else if (strcmp(label, "alias") == 0) {
		add_cname(reply, "", "txt.target");
		add_value(reply, question, "txt.target");
	} else if (strcmp(label, "away") == 0) {
		add_cname(reply, "", "txt.target");
	} else if (strcmp(label, "loop") == 0) {
		add_cname(reply, "", question->name);
	} else if (strcmp(label, "nx") == 0) {
		reply->bytes[3] |= 3;
		add_soa(reply);
	} else if (strcmp(label, "fail") == 0) {
		reply->bytes[3] |= 2;
	} else if (strcmp(label, "big") == 0 || strcmp(label, "many") == 0) {
		fill_large(reply, question);
	} else if (strcmp(label, "owner") == 0) {
		add_value(reply, question, "txt.elsewhere");
	} else if (strcmp(label, "half") == 0) {
		reply->bytes[2] |= 2; /* TC */
		add_value(reply, question, "");
	} else if (strcmp(label, "junk") == 0) {
		set16(reply, 6, 7);
		add(reply, "\xc0\xff\xc0\xff", 4);
	} else if (strcmp(label, "none") != 0) {
		add_value(reply, question, "");
	}
}

static void begin(const struct nameserver *server, struct reply *reply,
	const struct question *question)
{
	reply->size = 0;
	add(reply, question->bytes, question->end);
	reply->bytes[2] = 0x81;
	reply->bytes[3] = 0x80;
	if (atomic_load(&server->authentic) && question->bytes[3] & 0x20)
		reply->bytes[3] |= 0x20;
	memset(reply->bytes + 6, 0, 6);
}

static bool read_question(
	struct question *question, const unsigned char *bytes, size_t size)
{
	size_t at = 12;
	size_t out = 0;

	question->bytes = bytes;
	while (at < size && bytes[at]) {
		size_t length = bytes[at];

		if (at + 1 + length >= size || out + length + 2 > 256)
			return false;
		memcpy(question->name + out, bytes + at + 1, length);
		out += length;
		question->name[out++] = '.';
		at += 1 + length;
	}
	if (out == 0 || at + 5 > size)
		return false;
	question->name[out - 1] = '\0';
	out = strcspn(question->name, ".");
	memcpy(question->label, question->name, out);
	question->label[out] = '\0';
	question->end = at + 5;
	return true;
}

static void send_udp(const struct nameserver *server, const void *bytes,
	size_t size, const struct sockaddr_in *to)
{
	sendto(server->udp, bytes, size, 0, (const struct sockaddr *)to,
		sizeof(*to));
}

/* What comes before the true answer: lies. */
static void lie(const struct nameserver *server, struct reply *reply,
	const struct question *question, const struct sockaddr_in *to)
{
	begin(server, reply, question);
	add_txt(reply, "", "v=DKIM1; p=LIE", 14);
	if (strcmp(question->label, "id") == 0)
		reply->bytes[1] ^= 1;
	else if (strcmp(question->label, "other") == 0)
		reply->bytes[14] ^= 1;
	else
		return;
	send_udp(server, reply->bytes, reply->size, to);
}

/* True the first time that the name is heard. */
static bool is_new(struct nameserver *server, const char *name)
{
	unsigned hash = 5381;
	bool seen;

	while (*name)
		hash = hash * 33 + (unsigned char)*name++;
	seen = server->seen[hash % sizeof(server->seen)];
	server->seen[hash % sizeof(server->seen)] = 1;
	return !seen;
}

static void hold_back(struct nameserver *server, const struct reply *reply,
	const struct sockaddr_in *to)
{
	struct late *late = malloc(sizeof(*late));
	struct late **last = (struct late **)&server->waiting;

	late->next = NULL;
	late->due_ms = now_ms() + atomic_load(&server->late_ms);
	late->to = *to;
	late->size = reply->size;
	memcpy(late->bytes, reply->bytes, reply->size);
	while (*last)
		last = &(*last)->next;
	*last = late;
}

static void serve_udp(struct nameserver *server, struct reply *reply)
{
	unsigned char bytes[1500];
	struct sockaddr_in from;
	socklen_t room = sizeof(from);
	ssize_t size = recvfrom(server->udp, bytes, sizeof(bytes), MSG_DONTWAIT,
		(struct sockaddr *)&from, &room);
	struct question question = {.tcp = false};

	if (size < 12 || atomic_load(&server->deaf) ||
		!read_question(&question, bytes, (size_t)size))
		return;
	atomic_fetch_add(&server->queries, 1);
	if (strcmp(question.label, "mute") == 0 ||
		(strcmp(question.label, "lost") == 0 &&
			is_new(server, question.name)))
		return;
	lie(server, reply, &question, &from);
	begin(server, reply, &question);
	fill(reply, &question);
	if (strcmp(question.label, "late") == 0)
		hold_back(server, reply, &from);
	else
		send_udp(server, reply->bytes, reply->size, &from);
}

/* One connection at a time, to its end: the resolver pipelines. */
static void serve_tcp(struct nameserver *server, struct reply *reply)
{
	int fd = accept(server->listener, NULL, NULL);
	unsigned char bytes[1500];

	while (fd >= 0) {
		struct pollfd poller = {.fd = fd, .events = POLLIN};
		struct question question = {.tcp = true};
		unsigned char size[2];
		size_t length;

		if (poll(&poller, 1, 50) <= 0 ||
			recv(fd, size, 2, MSG_WAITALL) != 2)
			break;
		length = size[0] * 256u + size[1];
		if (length > sizeof(bytes) ||
			recv(fd, bytes, length, MSG_WAITALL) !=
				(ssize_t)length ||
			!read_question(&question, bytes, length))
			break;
		atomic_fetch_add(&server->queries, 1);
		atomic_fetch_add(&server->tcp, 1);
		begin(server, reply, &question);
		fill(reply, &question);
		size[0] = (unsigned char)(reply->size >> 8);
		size[1] = (unsigned char)reply->size;
		send(fd, size, 2, MSG_NOSIGNAL | MSG_MORE);
		send(fd, reply->bytes, reply->size, MSG_NOSIGNAL);
	}
	if (fd >= 0)
		close(fd);
}

/* Sends what is due; how long until the next, at most 20. */
static int send_late(struct nameserver *server)
{
	struct late *late = server->waiting;

	while (late && late->due_ms <= now_ms()) {
		server->waiting = late->next;
		send_udp(server, late->bytes, late->size, &late->to);
		free(late);
		late = server->waiting;
	}
	return late ? 1 : 20;
}

static void *serve(void *argument)
{
	struct nameserver *server = argument;
	struct reply *reply = malloc(sizeof(*reply));

	while (!atomic_load(&server->closing)) {
		struct pollfd poller[] = {
			{.fd = server->udp, .events = POLLIN},
			{.fd = server->listener, .events = POLLIN},
		};

		poll(poller, 2, send_late(server));
		if (poller[0].revents & POLLIN)
			serve_udp(server, reply);
		if (poller[1].revents & POLLIN)
			serve_tcp(server, reply);
	}
	free(reply);
	return NULL;
}

/* Port 0: any that is free for both. */
static bool open_sockets(struct nameserver *server, bool with_tcp)
{
	struct sockaddr_in address = {
		.sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
		.sin_port = htons((uint16_t)server->port),
	};
	socklen_t size = sizeof(address);
	int one = 1;
	int room = 4 << 20;

	server->listener = -1;
	server->udp = socket(AF_INET, SOCK_DGRAM, 0);
	setsockopt(server->udp, SOL_SOCKET, SO_RCVBUF, &room, sizeof(room));
	if (bind(server->udp, (struct sockaddr *)&address, size) != 0)
		return false;
	getsockname(server->udp, (struct sockaddr *)&address, &size);
	server->port = ntohs(address.sin_port);
	if (!with_tcp)
		return true;
	server->listener = socket(AF_INET, SOCK_STREAM, 0);
	setsockopt(
		server->listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	return bind(server->listener, (struct sockaddr *)&address, size) == 0 &&
	       listen(server->listener, 64) == 0;
}

static bool start(struct nameserver *server)
{
	snprintf(server->address, sizeof(server->address), "127.0.0.1#%d",
		server->port);
	atomic_store(&server->closing, false);
	return pthread_create(&server->thread, NULL, serve, server) == 0;
}

bool nameserver_open(struct nameserver *server, bool with_tcp)
{
	for (int i = 0; i < 10; i++) {
		memset(server, 0, sizeof(*server));
		if (open_sockets(server, with_tcp))
			return start(server);
		close(server->udp);
		close(server->listener);
	}
	return false;
}

void nameserver_die(struct nameserver *server)
{
	atomic_store(&server->closing, true);
	pthread_join(server->thread, NULL);
	close(server->udp);
	if (server->listener >= 0)
		close(server->listener);
}

void nameserver_revive(struct nameserver *server)
{
	if (open_sockets(server, server->listener >= 0))
		start(server);
}

void nameserver_close(struct nameserver *server)
{
	nameserver_die(server);
	while (server->waiting) {
		struct late *late = server->waiting;

		server->waiting = late->next;
		free(late);
	}
}
