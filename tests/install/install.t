#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# What `make install` puts down is what another program needs: header, shared
# and static library, pkg-config file. The shared library exports the public
# header's functions and nothing else.
set -uo pipefail
here=${0%/*}
number=0

case $B in
*/asan | */tsan | */cov)
	echo "1..0 # SKIP instrumented libraries are not for others"
	exit 0
	;;
esac

ok() { # DESCRIPTION, with the exit status before it
	local status=$?
	number=$((number + 1))
	[ "$status" -eq 0 ] || printf 'not '
	echo "ok $number - $*"
}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
root=$work/usr
# All is built; MAKEFLAGS hands down the variables of the make that called us,
# so that nothing is built again with others.
make --silent install B="$B" PREFIX="$root" >"$work/log" 2>&1
ok "make install" || sed 's/^/# /' "$work/log"

"$root/bin/sealpress" --version >/dev/null
ok "the installed program runs"

export PKG_CONFIG_PATH=$root/lib/pkgconfig
expected='pass ok
pass ok
pass ok
fail body-hash-mismatch
pass ok
pass ok'

read -ra flags < <(pkg-config --cflags --libs sealpress)
gcc -std=c11 -Wall -Werror -o "$work/shared" "$here/example.c" "${flags[@]}"
ok "a program builds against the shared library"
[ "$(LD_LIBRARY_PATH=$root/lib "$work/shared")" = "$expected" ]
ok "it signs and verifies"

# Only ours is static; what it needs is found by name.
read -ra flags < <(pkg-config --cflags --libs sealpress libcrypto sqlite3 \
	libidn2 libcares)
rm "$root"/lib/*.so*
gcc -std=c11 -Wall -Werror -o "$work/static" "$here/example.c" "${flags[@]}"
ok "a program builds against the static library"
[ "$("$work/static")" = "$expected" ]
ok "it signs and verifies"

nm -D --defined-only "$B/libsealpress.so" | awk '$2 == "T" { print $3 }' |
	sed 's/@.*//' | sort >"$work/exported"
grep -o '\bsp_[a-z0-9_]*(' include/sealpress.h | tr -d '(' | sort -u \
	>"$work/declared"
diff "$work/declared" "$work/exported" >"$work/diff"
ok "the shared library exports the public functions alone"
sed 's/^/# /' "$work/diff"

! readelf -d "$B/libsealpress.so" | grep -qE 'NEEDED.*(uring|jansson|jemalloc)'
ok "it needs no library that only the program has use for"

[ -z "$(find "$root" -type d -empty)" ] && [ -f "$root/share/man/man1/sealpress.1" ]
ok "the man page is installed"
echo "1..$number"
