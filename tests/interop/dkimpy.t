#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# dkimpy, as packaged for the system's own Python.
. "${0%/*}/lib.sh"
/usr/bin/python3 -c 'import dkim' 2>/dev/null ||
	skip_all "dkimpy is not installed"
keys=(rsa)
if /usr/bin/python3 -c 'import nacl' 2>/dev/null; then
	keys+=(ed25519)
fi
interop dkimpy "${keys[@]}" -- /usr/bin/python3 "${0%/*}/dkimpy_tool.py"
