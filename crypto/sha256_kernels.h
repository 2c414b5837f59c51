/* SPDX-License-Identifier: Apache-2.0 */
/* The kernels behind sp_sha256_kernels(); see sp_sha256_step. */
#ifndef SP_CRYPTO_SHA256_KERNELS_H
#define SP_CRYPTO_SHA256_KERNELS_H

#include "crypto/sha256.h"

sp_sha256_step sp_sha256_openssl; /* 1 lane */
sp_sha256_step sp_sha256_shani; /* 1 lane */
sp_sha256_step sp_sha256_shani_two; /* 2 lanes */
sp_sha256_step sp_sha256_shani_three; /* 3 lanes */
sp_sha256_step sp_sha256_avx2; /* 8 lanes */
sp_sha256_step sp_sha256_avx512; /* 16 lanes */

#endif
