/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a program asks for with a message it sends down a stream: one JSON
 * object (docs/sealpress.1, "NETSTRING STREAM").
 */
#ifndef SP_IO_REQUEST_H
#define SP_IO_REQUEST_H

#include "io/mail.h"

#define SP_REQUEST_ID_BYTES_MAX 1024u

struct sp_request {
	struct sp_span record; /* the JSON as it came */
	struct sp_span id; /* NULL data: none could be read */
	bool id_is_number; /* it was no string */
	struct sp_span domain; /* empty: not given */
	struct sp_span selector; /* empty: not given */
	const char *fault; /* what is wrong with the record, or NULL */
};

/*
 * Reads request->record: fills the rest, and the envelope. All of it is in
 * the arena. A record with a fault still has its id, if that is good.
 */
enum sp_status sp_request_parse(struct sp_request *request,
	struct sp_envelope *envelope, struct sp_arena *arena)
	__attribute__((warn_unused_result));

#endif
