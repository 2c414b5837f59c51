/* SPDX-License-Identifier: Apache-2.0 */
/* Ed25519 in lanes, where there are none: OpenSSL does it all. */
#include "crypto/ed25519.h"

/* Never chosen: no machine here has what it needs. */
const struct sp_ed25519_kernel sp_ed25519_ifma = {
	.name = "none",
	.needs = SP_FEATURE_IFMA,
};
