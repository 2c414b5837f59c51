#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Compilers keep the sums and multiplicands of the RSA kernel in registers: in
# the code of each function with multiply-adds few vectors go to the stack or
# come from there, and in the innermost loops, over pairs of blocks with 50
# multiply-adds each, none is put there. (Else code would have to be generated.)
. tests/objects/lib.sh

share=16 # one vector from or to the stack for so many multiply-adds

echo 1..2
code_of rsa_ifma | awk -v share="$share" '
	# FUNCTION:, then ADDRESS: INSTRUCTION OPERANDS
	/^[0-9a-f]+ <.*>:$/ { name = $2; first[name] = count + 1; next }
	/^ *[0-9a-f]+:\t/ {
		at[substr($1, 1, length($1) - 1)] = ++count
		adds[count] = adds[count - 1] + /vpmadd52/
		spills[count] = spills[count - 1] + /zmm[0-9]+,[^,]*\(%r[sb]p/
		if (/vpmadd52/)
			total[name]++
		if (/zmm/ && /\(%r[sb]p/)
			stack[name]++
		if ($2 ~ /^j/ && $3 in at && at[$3] >= first[name])
			loop[++loops] = at[$3] " " count
	}
	END {
		for (name in total) {
			printf "# %s %d multiply-adds, %d from or to the " \
				"stack\n", name, total[name], stack[name]
			many += stack[name] * share > total[name]
		}
		for (i = 1; i <= loops; i++) {
			split(loop[i], end)
			if (adds[end[2]] - adds[end[1] - 1] != 50)
				continue
			pairs++
			spilled += spills[end[2]] > spills[end[1] - 1]
		}
		printf "# %d loops over pairs, %d with spills\n", pairs, spilled
		print (many ? "not " : "") "ok 1 - functions spill little"
		print (pairs && !spilled ? "" : "not ") \
			"ok 2 - loops over pairs do not spill"
	}'
