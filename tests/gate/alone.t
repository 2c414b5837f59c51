#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# What bench/gate does where there is no commit to compare with: recorded ratios
# are of another hour, so a kernel has to be lost before it says so. The program
# is made up, and so is what was recorded.
echo 1..6
number=0
work=$(mktemp -d)
trap 'rm -r "$work"' EXIT
mkdir -p "$work/bench"
cp bench/gate bench/compare bench/lib.sh "$work/bench"
cd "$work" || exit 1
export GIT_DIR=$work/none

# The ratio that each process has is the next line of "ratios".
cat >program <<'END'
#!/usr/bin/env bash
line='"group":"canon","name":"a","variant":"avx2","baseline":"scalar"'
case "$*" in
'--version -v') echo 'CPU level: avx2' ;;
*--list*) echo 'canon/a avx2 scalar' ;;
*)
	ratio=$(head -n 1 ratios)
	sed -i 1d ratios
	echo "{$line,\"ratio\":$ratio}"
	;;
esac
END
chmod +x program

# says STATUS WORDS LEFT RATIO...: so many ratios are left over.
says() {
	local wanted=$1 words=$2 left=$3 status=0
	shift 3
	printf '%s\n' "$@" >ratios
	bench/gate --new ./program >out 2>&1 || status=$?
	number=$((number + 1))
	if [ "$status" -ne "$wanted" ] || ! grep -q -- "$words" out ||
		[ "$(wc -l <ratios)" -ne "$left" ]; then
		printf 'not '
		sed 's/^/# /' out >&2
	fi
	echo "ok $number - exit $wanted, '$words': $*"
}

says 0 "nothing to compare with" 1 4
printf '%s\n' 4 4 4 4 4 4 4 >ratios
bench/gate --new ./program --record >record
number=$((number + 1))
grep -q '^1 items recorded' record && grep -q '"ratio":4' bench/baseline.json ||
	printf 'not '
echo "ok $number - what this processor does is recorded"
says 0 "0 slower" 0 4 4 4 4 4
says 0 "0 slower" 0 2.2 2.3 2.1 2.4 2.2
says 0 "1 slower" 0 1 1 1 1 1 4 4 4 4 4
says 1 "1 slower" 0 1 1 1 1 1 1 1 1 1 1
