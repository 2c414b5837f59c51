// SPDX-License-Identifier: Apache-2.0
//
// How fast is go-msgauth? As peer_opendkim.c: an mbox in memory, split and with
// CRLF before the clock starts, no DNS. Prints
//
//	MESSAGES CPU_SECONDS GOOD VERSION WALL_SECONDS
//
//	peer_gomsgauth verify KEYS MBOX COUNT
//	peer_gomsgauth sign PEM SELECTOR DOMAIN MBOX COUNT [OUT]
//
// relaxed/relaxed. The private key is parsed once; a public one is text in its
// interface, and parsed for each message. One processor, so that its garbage
// collector and its pipes are paid for.
package main

import (
	"bytes"
	"crypto"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"log"
	"os"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/emersion/go-msgauth/dkim"
)

const from = "From peer@example.com Tue Nov 14 22:13:20 2023\r\n"

// Set by the linker.
var version = "unknown"

// What RFC 6376 5.4.1 recommends and RFC 8058 asks for.
var headerKeys = []string{"From", "Reply-To", "Subject", "Date", "To", "Cc",
	"Message-ID", "MIME-Version", "Content-Type", "List-ID",
	"List-Unsubscribe", "List-Unsubscribe-Post"}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

func read(path string) []byte {
	text, err := os.ReadFile(path)
	check(err)
	return text
}

// The corpus has no quoted "From " (mkcorpus).
func messages(path, count string) [][]byte {
	limit, err := strconv.Atoi(count)
	check(err)
	text := bytes.ReplaceAll(read(path), []byte("\r\n"), []byte("\n"))
	parts := bytes.Split(append([]byte("\n"), text...), []byte("\nFrom "))[1:]
	if len(parts) > limit {
		parts = parts[:limit]
	}
	for i, part := range parts {
		part = part[bytes.IndexByte(part, '\n')+1:]
		parts[i] = bytes.ReplaceAll(part, []byte("\n"), []byte("\r\n"))
	}
	return parts
}

func cpuSeconds() float64 {
	var usage syscall.Rusage
	check(syscall.Getrusage(syscall.RUSAGE_SELF, &usage))
	nanoseconds := usage.Utime.Nano() + usage.Stime.Nano()
	return float64(nanoseconds) / 1e9
}

// Does the work for each message, which says whether it was good, and prints
// what it took.
func measure(mails [][]byte, work func(i int, mail []byte) bool) {
	good := 0
	wall := time.Now()
	start := cpuSeconds()
	for i, mail := range mails {
		if work(i, mail) {
			good++
		}
	}
	fmt.Printf("%d %.3f %d go-msgauth-%s %.3f\n", len(mails),
		cpuSeconds()-start, good, version, time.Since(wall).Seconds())
	if good != len(mails) {
		os.Exit(1)
	}
}

func verify(keysPath, mbox, count string) {
	keys := make(map[string][]string)
	for _, line := range strings.Split(string(read(keysPath)), "\n") {
		if name, value, found := strings.Cut(line, "\t"); found {
			keys[name] = append(keys[name], value)
		}
	}
	options := &dkim.VerifyOptions{
		LookupTXT: func(name string) ([]string, error) {
			return keys[strings.ToLower(name)], nil
		},
	}
	measure(messages(mbox, count), func(_ int, mail []byte) bool {
		results, err := dkim.VerifyWithOptions(
			bytes.NewReader(mail), options)
		good := err == nil && len(results) > 0
		for _, result := range results {
			good = good && result.Err == nil
		}
		return good
	})
}

func readKey(path string) crypto.Signer {
	block, _ := pem.Decode(read(path))
	if block == nil {
		log.Fatalf("%s: no PEM", path)
	}
	key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	check(err)
	return key.(crypto.Signer)
}

func sign(key, selector, domain, mbox, count, out string) {
	mails := messages(mbox, count)
	fields := make([]string, len(mails))
	options := &dkim.SignOptions{
		Domain:                 domain,
		Selector:               selector,
		Signer:                 readKey(key),
		HeaderCanonicalization: dkim.CanonicalizationRelaxed,
		BodyCanonicalization:   dkim.CanonicalizationRelaxed,
		HeaderKeys:             headerKeys,
	}
	defer func() {
		if out == "" {
			return
		}
		var box bytes.Buffer
		for i, mail := range mails {
			box.WriteString(from + fields[i])
			box.Write(mail)
			box.WriteString("\r\n")
		}
		check(os.WriteFile(out, box.Bytes(), 0o666))
	}()
	measure(mails, func(i int, mail []byte) bool {
		signer, err := dkim.NewSigner(options)
		check(err)
		_, err = signer.Write(mail)
		check(err)
		check(signer.Close())
		fields[i] = signer.Signature()
		return true
	})
}

func main() {
	runtime.GOMAXPROCS(1)
	words := append(os.Args[1:], "")
	switch {
	case len(words) == 5 && words[0] == "verify":
		verify(words[1], words[2], words[3])
	case len(words) >= 7 && len(words) <= 8 && words[0] == "sign":
		sign(words[1], words[2], words[3], words[4], words[5], words[6])
	default:
		log.Fatal("verify KEYS MBOX COUNT | " +
			"sign PEM SELECTOR DOMAIN MBOX COUNT [OUT]")
	}
}
