#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Kernels that see private keys: in their machine code nothing leads from a
# lane to a branch or an address. No gathers or scatters; no move from vector
# registers to general ones, or from mask registers to these or memory; no flags
# from either.
set -uo pipefail

objects=(ed25519_lanes_ifma sha512_ifma rsa_ifma)
bad='gather|scatter|\bv?ptest\b|kortest|ktest|u?comis[sd]|movmsk|pextr'
bad+='|kmov[a-z]* +%k[0-7],([^%]|%[er])|vmov[dq] +%[xyz]mm[0-9]+,%[er]'

if ! command -v objdump >/dev/null || [ "$(uname -m)" != x86_64 ]; then
	echo "1..0 # SKIP needs objdump, and x86-64"
	exit 0
fi
if [[ $B != *release* && $B != *clang* ]]; then
	echo "1..0 # SKIP looks at optimized code only"
	exit 0
fi
echo "1..$((${#objects[@]} + 1))"
number=0
for object in "${objects[@]}"; do
	number=$((number + 1))
	code=$(objdump -d --no-show-raw-insn "$B/crypto/$object.o")
	if [ -n "$code" ] && ! grep -E "$bad" <<<"$code" | sed 's/^/# /'; then
		echo "ok $number - $object lets no lane reach a branch"
	else
		echo "not ok $number - $object lets no lane reach a branch"
	fi
done
# The search itself: verifying may look at its lanes, and does.
code=$(objdump -d --no-show-raw-insn "$B/crypto/ed25519_public_ifma.o")
if grep -qE "$bad" <<<"$code"; then
	echo "ok $((number + 1)) - and where one may, it is seen"
else
	echo "not ok $((number + 1)) - and where one may, it is seen"
fi
