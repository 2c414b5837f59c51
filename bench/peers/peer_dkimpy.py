#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""How fast is dkimpy? As peer_opendkim.c: an mbox in memory, split and with
CRLF before the clock starts, no DNS. Prints MESSAGES CPU_SECONDS GOOD VERSION.

peer_dkimpy.py verify KEYS MBOX COUNT
peer_dkimpy.py sign PEM SELECTOR DOMAIN MBOX COUNT [OUT]    relaxed/relaxed

Its interface takes a key as PEM for each message, and reads it each time.
"""
import sys
import time
from importlib.metadata import PackageNotFoundError, version

import dkim

FROM = b"From peer@example.com Tue Nov 14 22:13:20 2023\r\n"


def read(path):
    with open(path, "rb") as file:
        return file.read()


def messages(path, count):
    text = b"\n" + read(path).replace(b"\r\n", b"\n")
    parts = text.split(b"\nFrom ")[1 : count + 1]
    # Less the separator line and the empty line of the mbox.
    bodies = [part.split(b"\n", 1)[1] for part in parts]
    return [body.replace(b"\n", b"\r\n") for body in bodies]


def verify(keys_path, mbox, count):
    keys = dict(
        line.split(b"\t", 1) for line in read(keys_path).splitlines() if line
    )

    def look_up(name, timeout=5):
        return keys.get(name.rstrip(b".").lower())

    mails = messages(mbox, int(count))
    start = time.process_time()
    good = sum(dkim.verify(mail, dnsfunc=look_up) for mail in mails)
    return len(mails), time.process_time() - start, good


def sign(key_path, selector, domain, mbox, count, out=None):
    key = read(key_path)
    mails = messages(mbox, int(count))
    start = time.process_time()
    fields = [
        dkim.sign(
            mail,
            selector.encode(),
            domain.encode(),
            key,
            canonicalize=(b"relaxed", b"relaxed"),
        )
        for mail in mails
    ]
    spent = time.process_time() - start
    if out:
        with open(out, "wb") as file:
            for field, mail in zip(fields, mails):
                file.write(FROM + field + mail + b"\r\n")
    return len(mails), spent, len(fields)


def name():
    try:
        return "dkimpy-" + version("dkimpy")
    except PackageNotFoundError:
        return "dkimpy"


total, seconds, good = {"verify": verify, "sign": sign}[sys.argv[1]](
    *sys.argv[2:]
)
print(total, f"{seconds:.3f}", good, name())
sys.exit(good != total)
