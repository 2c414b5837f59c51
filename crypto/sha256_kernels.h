/* SPDX-License-Identifier: Apache-2.0 */
/* The kernels behind sp_sha256_kernels(); see sp_sha256_step. */
#ifndef SP_CRYPTO_SHA256_KERNELS_H
#define SP_CRYPTO_SHA256_KERNELS_H

#include "crypto/sha256.h"

/* Lanes: one, two, three. */
sp_sha256_step sp_sha256_shani;
sp_sha256_step sp_sha256_shani_two;
sp_sha256_step sp_sha256_shani_three;

#endif
