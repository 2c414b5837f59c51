#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""dkimpy as interop/lib.sh drives it:

dkimpy_tool.py verify KEYS FILE...
    prints a line "FILE pass", or "FILE why not", for each
dkimpy_tool.py sign KEY SELECTOR DOMAIN CANON OUTDIR FILE...
    writes OUTDIR/name-of-FILE; KEY is PEM (RSA) or a base64 seed (Ed25519)
"""
import os
import sys

import dkim


def read(path):
    with open(path, "rb") as file:
        return file.read()


def verify_one(message, keys):
    def look_up(name, timeout=5):
        return keys.get(name.rstrip(b".").lower())

    verifier = dkim.DKIM(message)
    signatures = sum(
        name.lower() == b"dkim-signature" for name, _ in verifier.headers
    )
    if signatures == 0:
        return "none"
    for index in range(signatures):
        if not verifier.verify(idx=index, dnsfunc=look_up):
            return f"signature {index} fails"
    return "pass"


def verify(keys_path, files):
    keys = dict(
        line.split(b"\t", 1) for line in read(keys_path).splitlines() if line
    )
    for path in files:
        try:
            verdict = verify_one(read(path), keys)
        except Exception as error:  # whatever it is, it is the peer's verdict
            verdict = repr(error)
        print(path, verdict)


def sign(key_path, selector, domain, canon, outdir, files):
    key = read(key_path)
    rsa = key.startswith(b"-----")
    for path in files:
        message = read(path)
        crlf = message.split(b"\n", 1)[0].endswith(b"\r")
        field = dkim.sign(
            message,
            selector.encode(),
            domain.encode(),
            key,
            canonicalize=tuple(canon.encode().split(b"/")),
            signature_algorithm=b"rsa-sha256" if rsa else b"ed25519-sha256",
        )
        if not crlf:
            field = field.replace(b"\r\n", b"\n")
        with open(os.path.join(outdir, os.path.basename(path)), "wb") as out:
            out.write(field + message)


if sys.argv[1] == "verify":
    verify(sys.argv[2], sys.argv[3:])
else:
    sign(*sys.argv[2:7], sys.argv[7:])
