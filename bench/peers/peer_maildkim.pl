#!/usr/bin/perl
# SPDX-License-Identifier: Apache-2.0
#
# How fast is Mail::DKIM? As peer_opendkim.c: an mbox in memory, split and with
# CRLF before the clock starts, no DNS. Prints MESSAGES CPU_SECONDS GOOD VERSION.
#
# peer_maildkim.pl verify KEYS MBOX COUNT
# peer_maildkim.pl sign PEM SELECTOR DOMAIN MBOX COUNT [OUT]    relaxed/relaxed
use strict;
use warnings;

use Mail::DKIM;
use Mail::DKIM::PrivateKey;
use Mail::DKIM::Signer;
use Mail::DKIM::Verifier;
use Net::DNS;

my %answers;

# Stands in for Net::DNS::Resolver: packets made before the clock starts.
package KeyFile {
	sub send {
		my ($self, $name) = @_;
		return $answers{lc $name} // Net::DNS::Packet->new($name, 'TXT');
	}
	sub errorstring { 'NOERROR' }
}

sub slurp {
	my ($path) = @_;
	open my $file, '<:raw', $path or die "$path: $!\n";
	local $/;
	return scalar <$file>;
}

sub messages {
	my ($path, $count) = @_;
	my $text = "\n" . slurp($path);
	my @parts = split /\nFrom [^\n]*\n/, $text, $count + 2;
	shift @parts;
	$#parts = $count - 1 if @parts > $count;
	s/(?<!\r)\n/\r\n/g for @parts;
	# split takes the line end before the empty line of the mbox.
	s/(?<!\n)\z/\r\n/ for @parts;
	return \@parts;
}

sub cpu_seconds {
	my ($user, $system) = times;
	return $user + $system;
}

sub verify {
	my ($keys_path, $mbox, $count) = @_;
	my $mails = messages($mbox, $count);
	for my $line (split /\n/, slurp($keys_path)) {
		my ($name, $value) = split /\t/, $line, 2;
		my $reply = Net::DNS::Packet->new($name, 'TXT');
		$reply->header->rcode('NOERROR');
		$reply->push(answer => Net::DNS::RR->new(
			owner => $name, type => 'TXT',
			txtdata => [unpack '(a250)*', $value],
		));
		$answers{lc $name} = $reply;
	}
	Mail::DKIM::DNS::resolver(bless {}, 'KeyFile');
	my ($good, $start) = (0, cpu_seconds());
	for my $mail (@$mails) {
		my $dkim = Mail::DKIM::Verifier->new;
		$dkim->PRINT($mail);
		$dkim->CLOSE;
		$good++ if $dkim->result eq 'pass';
	}
	return (scalar @$mails, cpu_seconds() - $start, $good);
}

sub sign {
	my ($pem, $selector, $domain, $mbox, $count, $path) = @_;
	my $mails = messages($mbox, $count);
	my $key = Mail::DKIM::PrivateKey->load(File => $pem);
	my (@fields, $start);
	$start = cpu_seconds();
	for my $mail (@$mails) {
		my $dkim = Mail::DKIM::Signer->new(
			Algorithm => 'rsa-sha256', Method => 'relaxed/relaxed',
			Domain => $domain, Selector => $selector, Key => $key,
		);
		$dkim->PRINT($mail);
		$dkim->CLOSE;
		push @fields, $dkim->signature->as_string;
	}
	my $spent = cpu_seconds() - $start;
	if ($path) {
		open my $out, '>:raw', $path or die "$path: $!\n";
		for my $i (0 .. $#fields) {
			print $out "From peer\@example.com " .
				"Tue Nov 14 22:13:20 2023\r\n" .
				"$fields[$i]\r\n$mails->[$i]\r\n";
		}
		close $out or die "$path: $!\n";
	}
	return (scalar @$mails, $spent, scalar @fields);
}

my $verb = shift @ARGV;
my ($total, $seconds, $good) = $verb eq 'verify' ? verify(@ARGV) : sign(@ARGV);
printf "%d %.3f %d Mail::DKIM-%s\n", $total, $seconds, $good,
	$Mail::DKIM::VERSION;
exit($good != $total);
