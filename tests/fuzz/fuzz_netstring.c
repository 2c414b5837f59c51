/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The netstring stream: what comes out of a pipe in batches is what a plain
 * walk over the bytes finds, and a stream that is not right to its end is said
 * to be broken. The first byte chooses how much a batch may take.
 */
#include <assert.h>
#include <stdlib.h>
#include <unistd.h>

#include "io/netpipe.h"
#include "io/netstring.h"
#include "io/request.h"

#define STREAM_BYTES_MAX 60000u /* a pipe holds that */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The next pair of the walk; false where the stream is no longer right. */
static bool walk(
	struct sp_span *rest, struct sp_span *record, struct sp_span *message)
{
	struct sp_netstring netstring;

	if (sp_netstring_parse(&netstring, *rest,
		    SP_NETSTRING_RECORD_BYTES_MAX) != SP_NETSTRING_WHOLE)
		return false;
	*record = netstring.bytes;
	assert(netstring.size == netstring.head + netstring.bytes.size + 1);
	rest->data += netstring.size;
	rest->size -= netstring.size;
	if (sp_netstring_parse(&netstring, *rest,
		    SP_NETSTRING_MESSAGE_BYTES_MAX) != SP_NETSTRING_WHOLE)
		return false;
	*message = netstring.bytes;
	rest->data += netstring.size;
	rest->size -= netstring.size;
	return true;
}

/* A record is good and has an id, or a fault says why not. */
static void check_request(struct sp_mail *mail, struct sp_arena *arena)
{
	struct sp_request *request = mail->request;

	assert(sp_request_parse(request, &mail->envelope, arena) == SP_OK);
	assert(request->fault || request->id.size);
	assert(request->id.size <= SP_REQUEST_ID_BYTES_MAX);
	for (size_t i = 0; i < mail->envelope.rcpt_count; i++)
		assert(request->fault || mail->envelope.rcpt_to[i].size);
}

static void check_stream(int fd, struct sp_span bytes, size_t range)
{
	struct sp_netpipe pipe = {.fd = fd, .cancel_fd = -1};
	struct sp_mails mails = {.count = 0};
	struct sp_span rest = bytes;
	uint64_t index = 0;
	bool end = false;

	for (;;) {
		assert(sp_netpipe_read(&pipe, &mails, range, 1 + range / 16,
			       &end) == SP_OK);
		if (end)
			break;
		assert(mails.count > 0 && mails.count <= 1 + range / 16);
		for (size_t i = 0; i < mails.count; i++) {
			struct sp_mail *mail = &mails.mail[i];
			struct sp_span record, message;

			assert(walk(&rest, &record, &message));
			assert(sp_span_equal(mail->request->record, record));
			assert(sp_span_equal(mail->bytes, message));
			assert(mail->index == index++);
			assert(bytes.data + mail->offset == message.data);
			check_request(mail, &mails.arena);
		}
		sp_mails_reset(&mails);
	}
	assert((pipe.error.status == SP_OK) == (rest.size == 0));
	if (rest.size) {
		struct sp_span record, message;

		assert(!walk(&rest, &record, &message));
	}
	sp_netpipe_free(&pipe);
	sp_mails_free(&mails);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sp_span bytes;
	int fds[2];

	if (size < 1 || size > STREAM_BYTES_MAX)
		return 0;
	bytes = sp_span(data + 1, size - 1);
	assert(pipe(fds) == 0);
	assert(write(fds[1], bytes.data, bytes.size) == (ssize_t)bytes.size);
	close(fds[1]);
	check_stream(fds[0], bytes, 1 + (size_t)data[0] * data[0]);
	close(fds[0]);
	return 0;
}
