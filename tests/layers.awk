# SPDX-License-Identifier: Apache-2.0
# Dependencies point one way:
#
#	cli -> engine -> { canon, crypto, io } -> base -> include
#
# A folder includes itself and what is to its right. canon, crypto and io do
# not know each other. bench, corpus and tests may include anything; nothing
# includes them but themselves. Exit status 1 and a line for each offence.

BEGIN {
	may["include"] = ""
	may["base"] = "include"
	may["canon"] = may["crypto"] = may["io"] = "base include"
	may["engine"] = "canon crypto io base include"
	may["cli"] = "engine canon crypto io base include"
	anything["bench"] = anything["corpus"] = anything["tests"] = 1
}

/^[ \t]*#[ \t]*include[ \t]*"/ {
	split(FILENAME, path, "/")
	from = path[1]
	split($0, quoted, "\"")
	target = quoted[2]
	to = target
	if (!sub("/.*", "", to)) {
		complain("write the folder: \"folder/name.h\"")
	} else if (from in anything || from == to) {
		next
	} else if (!(from in may)) {
		complain("folder " from " has no place in the order")
	} else if (index(" " may[from] " ", " " to " ") == 0) {
		complain(from " may not include " target)
	}
}

function complain(what) {
	printf "%s:%d: %s\n", FILENAME, FNR, what
	bad = 1
}

END { exit bad }
