/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Ed25519 (RFC 8032 5.1), many signatures side by side, for crypto/lanes.c:
 * what is kept per key and per thread, and the choice of the kernel. What no
 * kernel takes stays undone, for OpenSSL.
 */
#ifndef SP_CRYPTO_ED25519_H
#define SP_CRYPTO_ED25519_H

#include "base/cpu.h"
#include "crypto/lanes.h"

/*
 * A key as the kernels want it, made once per struct sp_pkey; read-only, and
 * shared by threads. With a private half it lies in memory that is locked and
 * left out of core dumps where the system allows, and is wiped when closed.
 */
struct sp_ed25519_key {
	bool private_half;
	unsigned char public[SP_ED25519_BYTES];
	/* RFC 8032 5.1.5: the two halves of the seed's SHA-512. */
	unsigned char scalar[SP_ED25519_BYTES]; /* its bits pruned */
	unsigned char prefix[SP_ED25519_BYTES];
};

/* NULL when memory or OpenSSL fails; the key then works without lanes. */
struct sp_ed25519_key *sp_ed25519_key_open(
	const EVP_PKEY *evp, bool private_half);
/* NULL is fine. */
void sp_ed25519_key_close(struct sp_ed25519_key *key);

/*
 * Multiples of one point: row i holds 1, 3, 5, ... 63 times 2^(6i) times it,
 * as (y + x, y - x, 2dxy) of five limbs each; the entries of a limb lie side
 * by side, as a register permute wants them.
 */
#define SP_ED25519_WINDOW_BITS 6u
#define SP_ED25519_ROWS 43u
#define SP_ED25519_ENTRIES 32u
#define SP_ED25519_ROW_LIMBS 15u
struct sp_ed25519_table {
	uint64_t row[SP_ED25519_ROWS][SP_ED25519_ROW_LIMBS][SP_ED25519_ENTRIES];
};

/* Messages that fit one block of SHA-512 after R and A. */
#define SP_ED25519_MESSAGE_BYTES_MAX 47u
/* Jobs that a kernel takes at once: they share one inversion. */
#define SP_ED25519_BATCH 32u

/*
 * Kernels know neither OpenSSL nor threads. Jobs: 1 to SP_ED25519_BATCH, with
 * lane-ready keys and digests that fit; all sign, or all verify and have
 * signatures of 64 bytes. Each becomes SP_JOB_DONE or SP_JOB_WRONG.
 */
struct sp_ed25519_kernel {
	const char *name;
	enum sp_cpu_feature needs;
	/* The base point's table, or with a public key that of its point's
	 * negation; false when it holds none. */
	bool (*build)(struct sp_ed25519_table *table,
		const unsigned char *public_key);
	/* Leaves secrets on the stack, which the caller wipes. */
	void (*sign)(const struct sp_ed25519_table *base,
		struct sp_job *const *jobs, size_t count);
	/* hot: the table of the key, which is that of all jobs; or NULL. */
	void (*verify)(const struct sp_ed25519_table *base,
		const struct sp_ed25519_table *hot, struct sp_job *const *jobs,
		size_t count);
};
extern const struct sp_ed25519_kernel sp_ed25519_ifma;

/* The best kernel this machine may use, or NULL. */
const struct sp_ed25519_kernel *sp_ed25519_kernel(void);

/* The table of the base point, made when first asked for: 0.1 ms.
 * There must be a kernel. */
const struct sp_ed25519_table *sp_ed25519_base(void);

/*
 * Tables of hot keys, in bytes: what all threads together may have, and what
 * they have now.
 */
#define SP_ED25519_TABLES_BYTES_MAX ((size_t)128 << 20)
size_t sp_ed25519_table_bytes(void);

/* What a thread keeps: keys that it met often. NULL when memory fails. */
struct sp_ed25519 *sp_ed25519_open(void);
void sp_ed25519_close(struct sp_ed25519 *ed25519);

/*
 * Does what the kernel can of count Ed25519 jobs; jobs of one key should
 * follow each other. What it does not do is still SP_JOB_PENDING.
 */
void sp_ed25519_sign(
	struct sp_ed25519 *ed25519, struct sp_job *const *jobs, size_t count);
void sp_ed25519_verify(
	struct sp_ed25519 *ed25519, struct sp_job *const *jobs, size_t count);

#endif
