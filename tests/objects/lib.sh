# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# For tests of the machine code of kernels: sourced first, it ends the test
# where there is none to look at.
set -uo pipefail

if ! command -v objdump >/dev/null || [ "$(uname -m)" != x86_64 ]; then
	echo "1..0 # SKIP needs objdump, and x86-64"
	exit 0
fi
if [[ $B != *release* && $B != *clang* ]]; then
	echo "1..0 # SKIP looks at optimized code only"
	exit 0
fi

# The instructions of an object of crypto/.
code_of() {
	objdump -d --no-show-raw-insn "$B/crypto/$1.o"
}
