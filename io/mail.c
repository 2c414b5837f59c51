/* SPDX-License-Identifier: Apache-2.0 */
/* The batch: a growing array of messages and the memory they lie in. */
#include "io/mail.h"

#include <stdlib.h>
#include <unistd.h>

#include "io/large.h"

struct sp_mail *sp_mails_add(struct sp_mails *mails)
{
	struct sp_mail *mail;

	if (mails->count == mails->room) {
		size_t room = mails->room ? 2 * mails->room : SP_BATCH_FILES;
		struct sp_mail *grown =
			reallocarray(mails->mail, room, sizeof(*grown));

		if (!grown)
			return NULL;
		mails->mail = grown;
		mails->room = room;
	}
	mail = &mails->mail[mails->count++];
	*mail = (struct sp_mail){0};
	return mail;
}

char *sp_mails_buffer(struct sp_mails *mails, size_t bytes)
{
	if (mails->buffer_bytes < bytes) {
		free(mails->buffer);
		mails->buffer = malloc(bytes);
		mails->buffer_bytes = mails->buffer ? bytes : 0;
	}
	return mails->buffer;
}

void sp_mails_reset(struct sp_mails *mails)
{
	for (struct sp_large *large = mails->larges; large; large = large->next)
		close(large->fd);
	mails->larges = NULL;
	mails->count = 0;
	mails->input_bytes = 0;
	mails->more = false;
	mails->waited_ns = 0;
	mails->piece_end = 0;
	sp_arena_reset(&mails->arena);
}

void sp_mails_free(struct sp_mails *mails)
{
	sp_mails_reset(mails);
	sp_arena_free(&mails->arena);
	free(mails->mail);
	free(mails->buffer);
	*mails = (struct sp_mails){0};
}
