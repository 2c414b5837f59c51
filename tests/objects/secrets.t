#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Kernels that see private keys: in their machine code nothing leads from a
# lane to a branch or an address. No gathers or scatters; no move from vector
# registers to general ones, or from mask registers to these or memory; no flags
# from either.
. tests/objects/lib.sh

objects=(ed25519_lanes_ifma sha512_ifma rsa_ifma)
bad='gather|scatter|\bv?ptest\b|kortest|ktest|u?comis[sd]|movmsk|pextr'
bad+='|kmov[a-z]* +%k[0-7],([^%]|%[er])|vmov[dq] +%[xyz]mm[0-9]+,%[er]'

echo "1..$((${#objects[@]} + 1))"
number=0
for object in "${objects[@]}"; do
	number=$((number + 1))
	code=$(code_of "$object")
	if [ -n "$code" ] && ! grep -E "$bad" <<<"$code" | sed 's/^/# /'; then
		echo "ok $number - $object lets no lane reach a branch"
	else
		echo "not ok $number - $object lets no lane reach a branch"
	fi
done
# The search itself: verifying may look at its lanes, and does.
code=$(code_of ed25519_public_ifma)
if grep -qE "$bad" <<<"$code"; then
	echo "ok $((number + 1)) - and where one may, it is seen"
else
	echo "not ok $((number + 1)) - and where one may, it is seen"
fi
