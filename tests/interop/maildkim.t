#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Mail::DKIM of Perl; RSA only.
. "${0%/*}/lib.sh"
perl -MMail::DKIM -e 1 2>/dev/null || skip_all "Mail::DKIM is not installed"
interop Mail::DKIM rsa -- perl "${0%/*}/maildkim_tool.pl"
