#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# tests/fuzz/run.sh TARGET...: each target for SECONDS_EACH, finds kept in
# $B/corpus, crashers in $B/crash-NAME-*. Copy a crasher, named for what is
# wrong in it, to corpus/fuzz/NAME/ together with the repair.
set -euo pipefail

failed=0
for target; do
	name=${target##*/fuzz_}
	finds=$B/corpus/$name
	log=$B/$name.log
	mkdir -p "$finds"
	if "$target" -max_total_time="$SECONDS_EACH" -timeout=10 \
		-rss_limit_mb=1024 -artifact_prefix="$B/crash-$name-" \
		"$finds" "corpus/fuzz/$name" >"$log" 2>&1; then
		echo "ok - $name: $(grep '^Done' "$log")"
	else
		echo "not ok - $name"
		tail -n 60 "$log"
		failed=$((failed + 1))
	fi
done
echo "$(($# - failed)) passed, $failed failed"
[ "$failed" -eq 0 ]
