#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# tests/lint.sh CPPFLAGS...: everything that can be said about the sources
# without running them. Each check is a function that prints what is wrong.
set -euo pipefail

mapfile -t sources < <(git ls-files '*.c' '*.h')
mapfile -t units < <(git ls-files '*.c' | grep -v -e _generic.c -e _neon.c)
mapfile -t scripts < <(git ls-files | grep -v -e '\.eml$' -e '^corpus/' |
	xargs grep -lE '^#!.*\b(ba)?sh$')
mapfile -t pages < <(git ls-files 'docs/*.[1-8]')
cppflags=("$@")
# Kernels are read as they are compiled; the others do not mind.
if [ "$(uname -m)" = x86_64 ]; then
	cppflags+=(-mavx2 -mavx512f -mavx512bw -mavx512vl -mavx512vbmi2
		-mbmi -mbmi2)
fi

check_format() {
	clang-format --dry-run -Werror "${sources[@]}"
}

check_layers() {
	awk -f tests/layers.awk "${sources[@]}"
}

check_form() {
	awk -f tests/form.awk "${sources[@]}"
}

check_blanks() {
	! git ls-files -- . ':!corpus' ':!tests/*/messages' ':!*.eml' ':!*.patch' |
		xargs grep -nIE '[[:blank:]]+$'
}

check_scripts() {
	shellcheck --severity=warning --exclude=SC2154 "${scripts[@]}"
}

check_pages() {
	[ "${#pages[@]}" -eq 0 ] || mandoc -T lint -W warning "${pages[@]}"
}

check_tidy() {
	printf '%s\n' "${units[@]}" | xargs -P "${JOBS:-1}" -n 3 sh -c '
		flags=$0
		clang-tidy --quiet "$@" -- -std=c11 -Iinclude $flags 2>/dev/null
	' "${cppflags[*]}"
}

failed=()
for check in format layers form blanks scripts pages tidy; do
	if "check_$check"; then
		echo "ok - $check"
	else
		echo "not ok - $check"
		failed+=("$check")
	fi
done
[ "${#failed[@]}" -eq 0 ]
