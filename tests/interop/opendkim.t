#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# libopendkim; Debian's knows RSA only.
. "${0%/*}/lib.sh"
tool=$B/tests/interop/opendkim_tool
[ -x "$tool" ] || skip_all "libopendkim is not installed"
interop libopendkim rsa -- "$tool"
