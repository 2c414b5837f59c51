/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lines, runs of white space, the outline of headers and the middle of bodies:
 * what splitting and canonicalizing share (RFC 5322 2.1, 2.2; RFC 6376 3.4).
 */
#ifndef SP_CANON_SCAN_H
#define SP_CANON_SCAN_H

#include <stdint.h>

#include "base/span.h"

/*
 * Takes the next line off *rest, LF or CRLF included, and gives it without
 * them. True when it had a line end; the last line may have none.
 */
bool sp_scan_line(struct sp_span *rest, struct sp_span *line);

/*
 * Asks for the input a page ahead. Bodies are worked on side by side, a piece
 * of each in turn, and no processor follows so many streams by itself, nor any
 * of them into the next page. Behind the end of the input it does no harm.
 */
static inline void sp_scan_ahead(const char *from)
{
	__builtin_prefetch((const void *)((uintptr_t)from + 4096), 0, 2);
}

/*
 * How many bytes from the front of in come out as they stand, at least as far
 * as it is easy to tell: all line ends are CRLF and no white space is dropped
 * or a TAB. What stands before in is as for sp_scan_bulk. The last byte may
 * belong to a line end or to white space that means nothing.
 */
typedef size_t sp_scan_same(struct sp_span in);

/*
 * Copies text to to with every run of SP and TAB as one SP (RFC 6376 3.4.2,
 * 3.4.4) and returns the end of the copy. text must not end with SP or TAB.
 * There must be room for text.size bytes, all of which may be overwritten.
 */
char *sp_scan_squeeze(char *to, struct sp_span text);

/* A kernel goes on only where it has this much room. */
#define SP_SCAN_ROOM 192u

/*
 * Writes to to what bytes from the front of *in come out as (3.4.3, 3.4.4),
 * takes them off *in and returns the end of what it wrote. How many it takes
 * is its own affair, none included; it leaves what it cannot decide without
 * knowing what follows *in. Every LF and CRLF comes out as CRLF, those of
 * empty lines too.
 *
 * No white space, CR or empty line may be held back before *in, and none is
 * afterwards, save that a CRLF cut in two has lost its CR: the LF left in *in
 * stands for both. Bytes between the returned pointer and end may be
 * overwritten.
 */
typedef char *sp_scan_bulk(struct sp_span *in, char *to, const char *end);

/*
 * Copies text to to with every run of SP, TAB and line ends as one SP (3.4.2)
 * and returns the end of the copy. text neither begins nor ends with any of
 * these, and has SP or TAB behind every LF, as folding leaves it. There must be
 * room for text.size + SP_SCAN_ROOM bytes, all of which may be overwritten.
 */
typedef char *sp_scan_unfold(char *to, struct sp_span text);

/* What 64 bytes are, a bit for each, that of the first one lowest. */
#define SP_SCAN_MARKED 64u
struct sp_scan_marks {
	uint64_t lf;
	uint64_t white; /* SP, TAB */
	uint64_t other; /* what no field name has in it: the colon, too (RFC
			   5322 2.2) */
};

/* Marks count times 64 bytes. */
typedef void sp_scan_mark(
	struct sp_scan_marks *marks, const char *from, size_t count);

struct sp_scan_kernel {
	const char *name;
	unsigned needs; /* a bit 1 << SP_FEATURE_... for each */
	sp_scan_bulk *simple;
	sp_scan_bulk *relaxed;
	sp_scan_same *same_simple; /* NULL, both: nothing is known to */
	sp_scan_same *same_relaxed;
	sp_scan_unfold *unfold;
	sp_scan_mark *mark; /* NULL: looking at each line is as fast */
};

/* Parts of one kernel that others have, too. */
sp_scan_unfold sp_scan_unfold_scalar;
sp_scan_mark sp_scan_mark_avx512;
sp_scan_same sp_scan_same_simple_avx512;
sp_scan_same sp_scan_same_relaxed_avx512;

extern const struct sp_scan_kernel sp_scan_scalar;
extern const struct sp_scan_kernel sp_scan_neon;
extern const struct sp_scan_kernel sp_scan_avx2;
extern const struct sp_scan_kernel sp_scan_avx512;
extern const struct sp_scan_kernel sp_scan_vbmi2;

/* What was built in, best first, scalar last, NULL behind it. */
extern const struct sp_scan_kernel *const sp_scan_kernels[];

/* Can this machine run it, and does the cap (base/cpu.h) let it? */
bool sp_scan_runs(const struct sp_scan_kernel *kernel);

/* The first that runs. The choice is made once. */
const struct sp_scan_kernel *sp_scan_kernel(void);

#endif
