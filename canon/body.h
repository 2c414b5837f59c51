/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The canonical body, simple and relaxed (RFC 6376 3.4.3, 3.4.4), piece by
 * piece. Any cut of the input gives the same output.
 *
 * Line ends as in canon/message.h: LF and CRLF both come out as CRLF, a CR
 * without LF is an ordinary byte. Trailing empty lines are dropped; a last
 * line without line end gets one. An empty body is CRLF in simple and nothing
 * in relaxed. In relaxed every run of SP and TAB becomes one SP, and none is
 * left at the end of a line.
 */
#ifndef SP_CANON_BODY_H
#define SP_CANON_BODY_H

#include <stdint.h>

#include "base/span.h"

/* The least room an output buffer must have for progress to be certain. */
#define SP_BODY_OUT_MIN 256u

struct sp_scan_kernel;

struct sp_body {
	const struct sp_scan_kernel *kernel; /* canon/scan.h */
	enum sp_canon canon;
	uint64_t limit; /* l=, octets, or SP_LENGTH_NONE */
	uint64_t total; /* canonical octets so far, l= not regarded */
	uint64_t empty_lines; /* line ends held back: are there lines below? */
	bool cr; /* the last byte was a CR that is not yet decided */
	bool space; /* relaxed: white space before it is held back */
	bool in_line; /* bytes of the present line have been written */
};

void sp_body_init(struct sp_body *body, enum sp_canon canon, uint64_t limit);

/*
 * Canonicalizes from the front of *in into out and takes what it used off
 * *in. Returns the number of octets written, at most room, which must be at
 * least SP_BODY_OUT_MIN. When it returns, *in is empty or out has less than
 * that left: empty out and call again while in->size. The number may be 0
 * although *in is not empty, as octets past the limit are counted in total and
 * not written. Bytes of out past the returned number may be overwritten.
 */
size_t sp_body_update(
	struct sp_body *body, struct sp_span *in, char *out, size_t room);

/*
 * Where the canonical form is the input, it need not be copied: takes from
 * least to most bytes off the front of *in, never all of it, and returns them
 * for what comes out. The span is empty, and nothing taken, where the like is
 * not to be had or hard to see: then go on with sp_body_update(), which may
 * always be called instead.
 */
struct sp_span sp_body_same(
	struct sp_body *body, struct sp_span *in, size_t least, size_t most);

/*
 * Writes what the end of the body adds and returns the number of octets, at
 * most room, which must be at least SP_BODY_OUT_MIN. Call it until it returns
 * 0: any number of held-back empty lines may stand above a last line that is a
 * lone CR. Then body->total is the length of the canonical body.
 */
size_t sp_body_finish(struct sp_body *body, char *out, size_t room);

#endif
