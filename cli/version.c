/* SPDX-License-Identifier: Apache-2.0 */
/* Version, libraries, and what of this machine is used. */
#include "cli/version.h"

#include <openssl/crypto.h>
#include <stdlib.h>

#include "base/cpu.h"
#include "base/limits.h"
#include "canon/scan.h"
#include "cli/common.h"
#include "crypto/ed25519.h"
#include "crypto/rsa_kernel.h"
#include "crypto/sha256.h"
#include "engine/keycache.h"
#include "engine/repeats.h"
#include "io/ahead.h"
#include "io/files.h"
#include "io/mark.h"
#include "io/reader.h"
#include "io/stream.h"

/* liburing does not tell its version before 2.4; the Makefile does. */
#define QUOTE_TOKENS(text) #text
#define QUOTE(macro) QUOTE_TOKENS(macro)

static const char *reader_name(void)
{
	struct sp_reader *reader = sp_reader_open(getenv("SEALPRESS_IO"), NULL);
	const char *name = reader ? reader->ops->name : "none";

	sp_reader_close(reader);
	return name;
}

/* Which kernels a run would use, each with what it falls back to. */
static void print_kernels(FILE *out)
{
	struct sp_sha256_kernel sha256[SP_SHA256_KERNELS_MAX];
	size_t count = sp_sha256_kernels(sha256);
	const struct sp_rsa_kernel *rsa = sp_rsa_kernel();
	const struct sp_ed25519_kernel *ed25519 = sp_ed25519_kernel();

	fprintf(out, "kernels: mbox %s; bodies %s; SHA-256",
		sp_mark_kernel()->name, sp_scan_kernel()->name);
	for (size_t i = 0; i < count; i++)
		fprintf(out, "%s%s", i ? ", " : " ", sha256[i].name);
	fprintf(out, "%s; RSA %s; Ed25519 %s\n", count ? "" : " OpenSSL",
		rsa ? rsa->name : "OpenSSL",
		ed25519 ? ed25519->name : "OpenSSL");
}

/* What a run holds at most, whatever it reads (docs/DESIGN.md, Memory). */
static void print_memory(FILE *out)
{
	struct sp_common common;
	/* What io/source.h reads for one batch. */
	unsigned batch_mib =
		(SP_FILES_MEMORY_MAX + SP_BATCH_FILES * SP_FILE_SLOT_BYTES) >>
		20;
	unsigned buffers_kib =
		(SP_PIECE_BYTES + SP_REPEATS_BODIES * SP_REPEATS_BODY_BYTES) >>
		10;
	unsigned jobs, batches;

	sp_common_init(&common);
	jobs = (unsigned)common.jobs;
	batches = jobs == 1 ? 1 : SP_BATCHES_PER_JOB * jobs;
	fprintf(out,
		"memory: jobs x (%u batches of up to %u MiB of mail + %u KiB) "
		"+ %u MiB per output file + %u MiB for an mbox that is not in "
		"memory; %u MiB of mail with -j %u, and up to %u batches more "
		"that wait for keys from the DNS; messages above %u MiB are "
		"streamed\n",
		SP_BATCHES_PER_JOB, batch_mib, buffers_kib,
		2 * SP_STREAM_BUFFER_BYTES >> 20,
		SP_AHEAD_PIECES * SP_AHEAD_PIECE_BYTES >> 20,
		batches * batch_mib, jobs, SP_BATCHES_PARKED_MAX,
		SP_MESSAGE_MEMORY_MAX >> 20);
	fprintf(out,
		"key cache: up to %u names and %zu MiB, of which up to %zu MiB "
		"tables of Ed25519 keys that are used often\n",
		SP_KEYCACHE_ENTRIES_MAX, SP_KEYCACHE_BYTES_MAX >> 20,
		SP_ED25519_TABLES_BYTES_MAX >> 20);
}

void sp_version_print(FILE *out, bool details)
{
	fprintf(out, "sealpress %s\n", SP_VERSION);
	if (!details)
		return;
	fprintf(out, "%s\n", OpenSSL_version(OPENSSL_VERSION));
	fprintf(out, "liburing %s\n", QUOTE(SP_LIBURING_VERSION));
	fprintf(out, "CPU level: %s (this machine has %s)\n",
		sp_cpu_level_name(sp_cpu_level()),
		sp_cpu_level_name(sp_cpu_detect()));
	print_kernels(out);
	fprintf(out, "I/O backend: %s\n", reader_name());
	print_memory(out);
}
