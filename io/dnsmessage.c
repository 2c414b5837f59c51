/* SPDX-License-Identifier: Apache-2.0 */
/*
 * DNS responses (RFC 1035 section 4): TXT records, chain of CNAMEs, negative
 * TTL (RFC 2308 section 5).
 */
#include "io/dnsmessage.h"

#include <stdlib.h>

#define HEADER_BYTES 12u
#define LABEL_BYTES_MAX 63u

#define FLAG_QR 0x8000u
#define FLAG_TC 0x0200u
#define FLAG_AD 0x0020u

enum { TYPE_CNAME = 5, TYPE_SOA = 6, TYPE_TXT = 16 };
enum { CLASS_IN = 1 };

/* What is being read; every access is checked against its size. */
struct packet {
	const unsigned char *data;
	size_t size;
};

static unsigned get16(const struct packet *packet, size_t at)
{
	return (unsigned)packet->data[at] << 8 | packet->data[at + 1];
}

static uint32_t get32(const struct packet *packet, size_t at)
{
	return (uint32_t)get16(packet, at) << 16 | get16(packet, at + 2);
}

/*
 * Reads a name, pointers followed (4.1.4), and where it ends; false when it is
 * cut, too long, or its pointers do not lead backwards.
 */
static bool read_name(
	const struct packet *packet, size_t *at, struct sp_dns_name *name)
{
	size_t from = *at;
	size_t least = from;
	bool jumped = false;

	name->size = 0;
	while (from < packet->size) {
		unsigned length = packet->data[from];

		if (length >= 0xc0) {
			size_t to;

			if (from + 2 > packet->size)
				return false;
			to = get16(packet, from) & 0x3fffu;
			if (!jumped)
				*at = from + 2;
			jumped = true;
			if (to >= least)
				return false;
			least = from = to;
			continue;
		}
		if (length > LABEL_BYTES_MAX ||
			name->size + 1 + length > SP_DNS_NAME_BYTES_MAX ||
			from + 1 + length > packet->size)
			return false;
		name->bytes[name->size++] = (unsigned char)length;
		for (size_t i = 1; i <= length; i++)
			name->bytes[name->size++] = (unsigned char)sp_lower(
				(char)packet->data[from + i]);
		from += 1 + length;
		if (length)
			continue;
		if (!jumped)
			*at = from;
		return true;
	}
	return false;
}

static bool name_equal(const struct sp_dns_name *a, const struct sp_dns_name *b)
{
	return a->size == b->size && memcmp(a->bytes, b->bytes, a->size) == 0;
}

/* Passes over a name without a look at what its pointers lead to. */
static bool skip_name(const struct packet *packet, size_t *at)
{
	while (*at < packet->size) {
		unsigned length = packet->data[*at];

		*at += length >= 0xc0 ? 2 : length + 1;
		if (length >= 0xc0 || length == 0)
			return *at <= packet->size;
		if (length > LABEL_BYTES_MAX)
			return false;
	}
	return false;
}

struct record {
	size_t owner; /* offset of the name */
	unsigned type;
	unsigned class;
	uint32_t ttl_s;
	size_t data; /* offset */
	size_t size;
};

static bool read_record(
	const struct packet *packet, size_t *at, struct record *record)
{
	record->owner = *at;
	if (!skip_name(packet, at) || packet->size - *at < 10)
		return false;
	record->type = get16(packet, *at);
	record->class = get16(packet, *at + 2);
	record->ttl_s = get32(packet, *at + 4);
	if (record->ttl_s > INT32_MAX) /* RFC 2181 section 8 */
		record->ttl_s = 0;
	record->size = get16(packet, *at + 8);
	record->data = *at + 10;
	if (packet->size - record->data < record->size)
		return false;
	*at = record->data + record->size;
	return true;
}

/* Is this a record of the owner, of that type? */
static bool is_record(const struct packet *packet, const struct record *record,
	unsigned type, const struct sp_dns_name *owner)
{
	struct sp_dns_name name;
	size_t at = record->owner;

	return record->type == type && record->class == CLASS_IN &&
	       read_name(packet, &at, &name) && name_equal(&name, owner);
}

/* The strings of a TXT record, joined; false when they do not add up. */
static bool read_txt(const struct packet *packet, const struct record *record,
	struct sp_span *value, struct sp_arena *arena, bool *no_memory)
{
	const unsigned char *from = packet->data + record->data;
	size_t left = record->size;
	size_t size = 0;
	char *text = sp_arena_alloc(arena, record->size + 1, 1);

	*no_memory = !text;
	while (text && left) {
		size_t length = from[0];

		if (length + 1 > left)
			return false;
		memcpy(text + size, from + 1, length);
		size += length;
		from += length + 1;
		left -= length + 1;
	}
	*value = sp_span(text, size);
	return text != NULL;
}

static int compare_values(const void *a, const void *b)
{
	const struct sp_span *left = a;
	const struct sp_span *right = b;
	size_t least = left->size < right->size ? left->size : right->size;
	int order = least ? memcmp(left->data, right->data, least) : 0;

	if (order)
		return order;
	return (left->size > right->size) - (left->size < right->size);
}

/* A response under way. */
struct reading {
	struct packet packet;
	size_t answers; /* offset of the section */
	unsigned answer_count;
	unsigned authority_count;
	bool broken; /* a record does not hold together */
	struct sp_dns_reply *reply;
	struct sp_arena *arena;
};

static bool next_record(
	struct reading *reading, size_t *at, struct record *record)
{
	if (read_record(&reading->packet, at, record))
		return true;
	reading->broken = true;
	return false;
}

static void least_ttl(struct sp_dns_reply *reply, uint32_t ttl_s)
{
	if (ttl_s < reply->ttl_s)
		reply->ttl_s = ttl_s;
}

/*
 * One pass over the answers: the alias of owner, if it has one. An owner whose
 * alias cannot be read stays as it is.
 */
static bool find_alias(struct reading *reading, struct sp_dns_name *owner)
{
	size_t at = reading->answers;
	struct sp_dns_name target;
	struct record record;

	for (unsigned i = 0; i < reading->answer_count; i++) {
		if (!next_record(reading, &at, &record))
			return false;
		if (!is_record(&reading->packet, &record, TYPE_CNAME, owner))
			continue;
		at = record.data;
		if (!read_name(&reading->packet, &at, &target)) {
			reading->broken = true;
			return false;
		}
		*owner = target;
		least_ttl(reading->reply, record.ttl_s);
		return true;
	}
	return false;
}

static enum sp_status read_values(
	struct reading *reading, const struct sp_dns_name *owner)
{
	struct sp_dns_reply *reply = reading->reply;
	size_t room = reading->answer_count < SP_DNS_VALUES_MAX
			      ? reading->answer_count
			      : SP_DNS_VALUES_MAX;
	size_t at = reading->answers;
	struct record record;
	bool no_memory;

	reply->values = SP_ARENA_ARRAY(reading->arena, struct sp_span, room);
	if (!reply->values)
		return SP_NO_MEMORY;
	for (unsigned i = 0; i < reading->answer_count; i++) {
		if (!next_record(reading, &at, &record))
			break;
		if (reply->count == room ||
			!is_record(&reading->packet, &record, TYPE_TXT, owner))
			continue;
		if (read_txt(&reading->packet, &record,
			    &reply->values[reply->count], reading->arena,
			    &no_memory)) {
			reply->count++;
			least_ttl(reply, record.ttl_s);
		} else if (no_memory) {
			return SP_NO_MEMORY;
		} else {
			reading->broken = true;
		}
	}
	if (reply->count > 1)
		qsort(reply->values, reply->count, sizeof(*reply->values),
			compare_values);
	return SP_OK;
}

/*
 * The negative TTL: the lesser of the SOA's own and its last number (RFC 2308
 * section 5). False when there is no SOA.
 */
static bool read_soa(struct reading *reading, uint32_t *ttl_s)
{
	size_t at = reading->answers;
	unsigned count = reading->answer_count + reading->authority_count;
	struct record record;

	for (unsigned i = 0; i < count; i++) {
		uint32_t minimum;

		if (!next_record(reading, &at, &record))
			return false;
		if (i < reading->answer_count || record.type != TYPE_SOA ||
			record.class != CLASS_IN || record.size < 22)
			continue;
		minimum =
			get32(&reading->packet, record.data + record.size - 4);
		*ttl_s = minimum < record.ttl_s ? minimum : record.ttl_s;
		return true;
	}
	return false;
}

/* Follows the chain from name and takes what is at its end. */
static enum sp_status read_answers(
	struct reading *reading, struct sp_dns_name owner, unsigned rcode)
{
	struct sp_dns_reply *reply = reading->reply;
	enum sp_status status;
	uint32_t negative = 0;
	unsigned links = 0;
	bool soa;

	reply->ttl_s = INT32_MAX;
	while (links <= SP_DNS_CHAIN_MAX && find_alias(reading, &owner))
		links++;
	reply->kind = SP_DNS_LOOP;
	if (links > SP_DNS_CHAIN_MAX)
		return SP_OK;
	status = read_values(reading, &owner);
	if (status)
		return status;
	reply->kind = SP_DNS_TXT;
	if (reply->count)
		return SP_OK;
	soa = read_soa(reading, &negative);
	reply->kind = SP_DNS_NONE;
	reply->ttl_s = negative;
	if (links && rcode == SP_DNS_NOERROR && !soa) {
		reply->kind = SP_DNS_ALIAS;
		reply->target = owner;
	}
	return SP_OK;
}

enum sp_status sp_dns_reply_read(struct sp_dns_reply *reply,
	const unsigned char *packet, size_t size,
	const struct sp_dns_name *name, struct sp_arena *arena)
{
	struct reading reading = {
		.packet = {packet, size},
		.answers = HEADER_BYTES,
		.reply = reply,
		.arena = arena,
	};
	struct sp_dns_name question;
	enum sp_status status;
	unsigned flags, rcode;

	reply->kind = SP_DNS_BROKEN;
	reply->truncated = reply->authentic = false;
	reply->values = NULL;
	reply->count = 0;
	reply->ttl_s = 0;
	if (size < HEADER_BYTES)
		return SP_OK;
	flags = get16(&reading.packet, 2);
	rcode = flags & 0xfu;
	reading.answer_count = get16(&reading.packet, 6);
	reading.authority_count = get16(&reading.packet, 8);
	if (!(flags & FLAG_QR))
		return SP_OK;
	reply->truncated = flags & FLAG_TC;
	reply->authentic = flags & FLAG_AD;
	reply->kind = SP_DNS_FAILED;
	if (rcode != SP_DNS_NOERROR && rcode != SP_DNS_NXDOMAIN)
		return SP_OK;
	reply->kind = SP_DNS_BROKEN;
	if (get16(&reading.packet, 4) != 1 ||
		!read_name(&reading.packet, &reading.answers, &question) ||
		!name_equal(&question, name) || size - reading.answers < 4 ||
		get16(&reading.packet, reading.answers) != TYPE_TXT ||
		get16(&reading.packet, reading.answers + 2) != CLASS_IN)
		return SP_OK;
	reading.answers += 4;
	status = read_answers(&reading, *name, rcode);
	if (reading.broken && !reply->truncated)
		reply->kind = SP_DNS_BROKEN;
	return status;
}
