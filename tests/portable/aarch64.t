#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The library compiles for aarch64, and its kernels do there what the naive
# code does: cross-compiled, and run by qemu's user mode. The headers of the
# libraries are those of this machine; nothing is linked with them.
set -uo pipefail

skip() {
	echo "1..0 # SKIP $*"
	exit 0
}
case $B in
*/release) ;;
*) skip "once is enough: in MODE=release" ;;
esac
CC=aarch64-linux-gnu-gcc
[ "$(uname -m)" != aarch64 ] || skip "this is aarch64"
[ -n "$(type -P $CC)" ] || skip "no $CC"
[ -n "$(type -P qemu-aarch64)" ] || skip "no qemu-aarch64"

A=build/aarch64
headers="-idirafter /usr/include -idirafter /usr/include/$(gcc -dumpmachine)"
echo 1..2
if make --silent ARCH=aarch64 CC="$CC" MODE=release B="$A" \
	CPPFLAGS="$headers" "$A/libsealpress.a" >"$A.log" 2>&1; then
	echo "ok 1 - the library compiles"
else
	echo "not ok 1 - the library compiles"
	sed 's/^/# /' "$A.log"
fi
if "$CC" -static -O2 -std=c11 -D_GNU_SOURCE -I. -o "$A/kernels" \
	tests/portable/kernels.c tests/unit/guard.c "$A/libsealpress.a" \
	>"$A.log" 2>&1 && qemu-aarch64 "$A/kernels" >>"$A.log" 2>&1 &&
	grep -q '^ok .*neon' "$A.log"; then
	echo "ok 2 - $(grep -c '^ok' "$A.log") checks of kernels in qemu-aarch64"
else
	echo "not ok 2 - kernels in qemu-aarch64"
	sed 's/^/# /' "$A.log"
fi
