/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The envelope of stored mail, where delivery has written it into the header:
 * Return-Path (RFC 5321 4.4) and Delivered-To (RFC 9228).
 */
#ifndef SP_ENGINE_ENVELOPE_H
#define SP_ENGINE_ENVELOPE_H

#include "canon/message.h"
#include "io/mail.h"

/*
 * Fills what the input did not say: mail_from from the topmost Return-Path,
 * rcpt_to from the Delivered-To fields, at most SP_ENVELOPE_RCPT_MAX of them.
 * What the input did say is left alone. The spans are in the arena.
 */
#define SP_ENVELOPE_RCPT_MAX 100u
enum sp_status sp_envelope_fill(struct sp_envelope *envelope,
	const struct sp_message *message, struct sp_arena *arena)
	__attribute__((warn_unused_result));

#endif
