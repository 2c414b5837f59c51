/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Base64 (RFC 4648 section 4) as RFC 6376 2.10 has it: folding white space
 * may stand anywhere inside.
 */
#ifndef SP_CRYPTO_BASE64_H
#define SP_CRYPTO_BASE64_H

#include "base/span.h"

#define SP_BASE64_ENCODED_BYTES(size) (((size) + 2) / 3 * 4)
/* Room that decoding size characters can need. */
#define SP_BASE64_DECODED_BYTES(size) ((size) / 4 * 3 + 3)

/* Writes SP_BASE64_ENCODED_BYTES(in.size) characters, no NUL; returns that. */
size_t sp_base64_encode(char *out, struct sp_span in);

/*
 * Decodes text with SP, TAB, CR and LF passed over into out (room for
 * SP_BASE64_DECODED_BYTES(text.size)); the size goes to *size. False when a
 * character is not of the alphabet, or padding is missing, too much or in the
 * wrong place; out and *size are then undefined. The unused bits of the last
 * character before padding mean nothing (RFC 4648 3.5 leaves that open). No
 * characters at all are no bytes.
 */
bool sp_base64_decode(unsigned char *out, size_t *size, struct sp_span text);

#endif
