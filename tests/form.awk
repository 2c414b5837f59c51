# SPDX-License-Identifier: Apache-2.0
# What clang-format and clang-tidy do not know of the house form: how a file
# begins, how long functions and files are, no #if inside a function. The
# figures are where docs/STYLE.md says "split it" plus some room; exit status 1
# beyond them.

BEGIN {
	function_lines_max = 90
	file_lines_max = 450
	test_lines_max = 800 # tables of cases
}

FNR == 1 {
	end_file()
	name = FILENAME
	inside = 0
	if ($0 !~ /SPDX-License-Identifier: Apache-2\.0/)
		complain(FNR, "begins without its SPDX line")
}
FNR == 2 && !/^\/\*/ { complain(FNR, "does not say what the file is for") }

/^\{/ { inside = 1; first = FNR }
/^\}/ {
	if (inside && FNR - first > function_lines_max)
		complain(first, "function of " FNR - first " lines")
	inside = 0
}
inside && /^[ \t]*#[ \t]*(if|elif|else)/ {
	complain(FNR, "#if inside a function: make it a file")
}
/(TODO|FIXME|[^X]XXX[^X])/ { complain(FNR, "finish it or write an issue") }
{ lines = FNR }

function end_file() {
	max = name ~ /^tests\// ? test_lines_max : file_lines_max
	if (name != "" && lines > max)
		complain(lines, "file of " lines " lines: split it by idea")
}

function complain(line, what) {
	printf "%s:%d: %s\n", name, line, what
	bad = 1
}

END { end_file(); exit bad }
