/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The lanes' arithmetic, and the whole kernels, over the plain C model of the
 * instructions, under names of its own.
 */
#define sp_ed25519_ifma sp_ed25519_model
#define sp_ed25519_add_odd sp_ed25519_model_add_odd
#define sp_ed25519_add_base sp_ed25519_model_add_base
#define sp_ed25519_add_key sp_ed25519_model_add_key
#define sp_ed25519_multiply sp_ed25519_model_multiply
#define sp_ed25519_build sp_ed25519_model_build
#define sp_rsa_ifma sp_rsa_model
#define sp_sha512_v8 sp_sha512_model
#define LANE_OPS lane_ops_model
#define LANE_OPS_NAME "model"
#define LANE_OPS_STRIDE 7

/* NOLINTBEGIN(bugprone-suspicious-include) */
#include "crypto/ed25519_ifma.c"
#include "crypto/ed25519_lanes_ifma.c"
#include "crypto/ed25519_public_ifma.c"
#include "crypto/rsa_ifma.c"
#include "crypto/sha512_ifma.c"
/* NOLINTEND(bugprone-suspicious-include) */
#include "tests/unit/lane_ops_body.h"
