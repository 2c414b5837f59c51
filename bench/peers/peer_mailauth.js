// SPDX-License-Identifier: Apache-2.0
//
// How fast is mailauth? As peer_opendkim.c: an mbox in memory, split and with
// CRLF before the clock starts, no DNS. Prints MESSAGES CPU_SECONDS GOOD VERSION.
// The compiler of node has seen the work before, too: a run is shorter than what
// it takes to warm up, and a mail server runs for weeks.
//
// node peer_mailauth.js verify KEYS MBOX COUNT
// node peer_mailauth.js sign PEM SELECTOR DOMAIN MBOX COUNT [OUT]
//
// relaxed/relaxed. NODE_PATH leads to mailauth (make bench-peers).
'use strict';

const fs = require('fs');
const { dkimSign } = require('mailauth/lib/dkim/sign');
const { dkimVerify } = require('mailauth/lib/dkim/verify');
const { version } = require('mailauth/package.json');

const WARMING = 300; // messages that are not billed
const FROM = 'From peer@example.com Tue Nov 14 22:13:20 2023\r\n';

// latin1 keeps every byte as it is.
function messages(path, count) {
	const text = '\n' + fs.readFileSync(path, 'latin1').replace(/\r\n/g, '\n');
	return text
		.split(/\nFrom [^\n]*\n/)
		.slice(1, count + 1)
		.map((part) => (part.endsWith('\n') ? part : part + '\n'))
		.map((part) => Buffer.from(part.replace(/\n/g, '\r\n'), 'latin1'));
}

// Does the work once for so many of the messages, and forgets it.
async function warm(mails, work) {
	for (let i = 0; mails.length && i < WARMING; i++)
		await work(mails[i % mails.length]);
}

function cpuSeconds() {
	const { user, system } = process.cpuUsage();
	return (user + system) / 1e6;
}

async function verify(keysPath, mbox, count) {
	const keys = new Map(
		fs
			.readFileSync(keysPath, 'latin1')
			.split('\n')
			.map((line) => line.split('\t'))
	);
	const resolver = async (name) => [[keys.get(name.toLowerCase())]];
	const mails = messages(mbox, Number(count));
	const work = (mail) => dkimVerify(mail, { resolver });
	await warm(mails, work);
	const start = cpuSeconds();
	let good = 0;
	for (const mail of mails) {
		const { results } = await work(mail);
		if (results.length && results.every((r) => r.status.result === 'pass'))
			good++;
	}
	return [mails.length, cpuSeconds() - start, good];
}

async function sign(pem, selector, domain, mbox, count, out) {
	const privateKey = fs.readFileSync(pem, 'latin1'); // read each time
	const mails = messages(mbox, Number(count));
	const options = {
		canonicalization: 'relaxed/relaxed',
		algorithm: 'rsa-sha256',
		// Else it reads the clock twice for each message, and what it
		// hashed is not what it wrote when a second ends in between.
		signTime: new Date(),
		signatureData: [{ signingDomain: domain, selector, privateKey }],
	};
	const fields = [];
	const work = (mail) => dkimSign(mail, options);
	await warm(mails, work);
	const start = cpuSeconds();
	for (const mail of mails) {
		const { signatures, errors } = await work(mail);
		if (errors.length) throw new Error(JSON.stringify(errors[0]));
		fields.push(signatures);
	}
	const spent = cpuSeconds() - start;
	if (out) {
		const parts = fields.map((field, i) =>
			Buffer.concat([Buffer.from(FROM + field), mails[i],
				Buffer.from('\r\n')]));
		fs.writeFileSync(out, Buffer.concat(parts));
	}
	return [mails.length, spent, fields.length];
}

const [verb, ...rest] = process.argv.slice(2);
(verb === 'verify' ? verify : sign)(...rest).then(([total, seconds, good]) => {
	console.log(total, seconds.toFixed(3), good, 'mailauth-' + version);
	process.exitCode = good === total ? 0 : 1;
});
