/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Splits a message into header fields and body without copying it
 * (RFC 5322 2.1, 2.2; RFC 6376 2.3, 3.4).
 *
 * A line ends with LF; a CR before it belongs to the line end. So LF and CRLF
 * mail, and a mix, mean the same thing: every line end is CRLF to DKIM. A CR
 * that is not followed by LF is an ordinary byte of its line. The header block
 * ends at the first empty line, which belongs to neither part, or at the end
 * of the message.
 */
#ifndef SP_CANON_MESSAGE_H
#define SP_CANON_MESSAGE_H

#include "base/arena.h"
#include "base/span.h"

/*
 * One header field with its continuation lines, as stored. A line that is no
 * field (no colon, or a name with bytes RFC 5322 2.2 forbids) has an empty
 * name: it is passed over by every search and copied like the others.
 */
struct sp_field {
	struct sp_span raw; /* with its last line end, if it has one */
	struct sp_span name; /* without white space before the colon */
	struct sp_span value; /* behind the colon, to the end of raw */
};

struct sp_message {
	struct sp_field *fields; /* in the arena, top to bottom */
	size_t field_count;
	struct sp_span header; /* all fields, without the empty line */
	struct sp_span body; /* what follows the empty line, in memory */
	size_t body_offset; /* where the body begins in the message */
	bool has_body; /* there was an empty line */
	bool crlf; /* the first line ends with CRLF */
};

struct sp_message_limits {
	size_t header_bytes_max; /* 0: SP_HEADER_BYTES_MAX */
	size_t fields_max; /* 0: SP_FIELDS_MAX */
};

/*
 * Splits bytes, which must outlive *message. Of a message too large for
 * memory, bytes is the beginning, and must hold the header block with its
 * empty line or more than header_bytes_max + 2 bytes.
 *
 * SP_OK with *reason: SP_REASON_OK, SP_REASON_MESSAGE_EMPTY (no byte),
 * SP_REASON_HEADER_TOO_LARGE, SP_REASON_TOO_MANY_FIELDS, or
 * SP_REASON_MESSAGE_SYNTAX (not one header field before the body). On any
 * reason but OK the fields found so far are there, body is empty and has_body
 * is false.
 * SP_NO_MEMORY is the only trouble.
 */
enum sp_status sp_message_split(struct sp_message *message,
	struct sp_arena *arena, struct sp_span bytes,
	const struct sp_message_limits *limits, enum sp_reason *reason)
	__attribute__((warn_unused_result));

/* The same by a kernel (canon/scan.h) that runs here; whichever it is, the
 * answer is the same. */
struct sp_scan_kernel;
enum sp_status sp_message_split_by(const struct sp_scan_kernel *kernel,
	struct sp_message *message, struct sp_arena *arena,
	struct sp_span bytes, const struct sp_message_limits *limits,
	enum sp_reason *reason) __attribute__((warn_unused_result));

/*
 * The next field with this name (without regard to case) at or below index
 * from, or NULL.
 */
const struct sp_field *sp_message_find(
	const struct sp_message *message, struct sp_span name, size_t from);

/* The next one below field with its name, or NULL. */
const struct sp_field *sp_message_find_next(
	const struct sp_message *message, const struct sp_field *field);

/* The value, unfolded at the ends only: white space trimmed on both sides. */
struct sp_span sp_field_value_trimmed(const struct sp_field *field);

#endif
