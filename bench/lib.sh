# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# Sourced by the scripts of this folder: what they have in common at the start.

B=${B:-build/release}

# What the script says of itself in its first lines.
about() {
	sed -n '3,/^[^#]/s/^# \{0,1\}//p' "$0"
}

# takes_nothing "$@": for a script that has no options but --help.
takes_nothing() {
	case $* in
	'') ;;
	-h | --help) about && exit ;;
	*)
		echo "${0##*/}: unknown argument '$*'; see --help" >&2
		exit 2
		;;
	esac
}

needs_program() {
	[ -x "$B/sealpress" ] && [ -x "$B/mkcorpus" ] || {
		echo "${0##*/}: no programs in $B; run make in the project's" \
			"folder and this there, or set B" >&2
		exit 2
	}
}
