/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Mail that is meant to do harm: signed messages with bytes changed, taken
 * away, doubled; signature fields, header blocks and bodies (corpus/hostile.h)
 * that nobody writes. What a verdict is does not matter here, only that there
 * is one, and no crash on the way.
 */
#ifndef SP_CORPUS_ATTACK_H
#define SP_CORPUS_ATTACK_H

#include "corpus/archive.h"

/* Adds message index to out. scratch and truth are cleared and used. The
 * archive gives the keys and the messages to be damaged. */
void attack_add(struct archive *archive, uint64_t index, struct sp_buffer *out,
	struct sp_buffer *scratch, struct sp_buffer *truth);

#endif
