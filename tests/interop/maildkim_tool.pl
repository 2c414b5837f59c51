#!/usr/bin/perl
# SPDX-License-Identifier: Apache-2.0
#
# Mail::DKIM as interop/lib.sh drives it:
#
# maildkim_tool.pl verify KEYS FILE...
#     prints a line "FILE pass", or "FILE why not", for each
# maildkim_tool.pl sign PEM SELECTOR DOMAIN CANON OUTDIR FILE...
#     writes OUTDIR/name-of-FILE
use strict;
use warnings;

use File::Basename qw(basename);
use Mail::DKIM::PrivateKey;
use Mail::DKIM::Signer;
use Mail::DKIM::Verifier;
use Net::DNS;

my %keys;

# Stands in for Net::DNS::Resolver: answers from %keys.
package KeyFile {
	sub send {
		my ($self, $name) = @_;
		my $reply = Net::DNS::Packet->new($name, 'TXT');
		my $value = $keys{ lc $name };
		$reply->header->rcode(defined $value ? 'NOERROR' : 'NXDOMAIN');
		$reply->push(answer => Net::DNS::RR->new(
			owner => $name, type => 'TXT',
			txtdata => [unpack '(a250)*', $value],
		)) if defined $value;
		return $reply;
	}
	sub errorstring { 'NOERROR' }
}

sub slurp {
	my ($path) = @_;
	open my $file, '<:raw', $path or die "$path: $!\n";
	local $/;
	return scalar <$file>;
}

# Mail::DKIM wants CRLF, and leaves it to the mail server to end the last line.
sub feed {
	my ($dkim, $message) = @_;
	$message =~ s/(?<!\r)\n/\r\n/g;
	$message =~ s/(?<!\n)\z/\r\n/;
	$dkim->PRINT($message);
	$dkim->CLOSE;
}

sub verify_one {
	my ($message) = @_;
	my $dkim = Mail::DKIM::Verifier->new;
	feed($dkim, $message);
	my @bad = grep { $_->result ne 'pass' } $dkim->signatures;
	return $bad[0]->result_detail if @bad;
	return $dkim->result;
}

sub verify {
	my ($keys_path, @files) = @_;
	%keys = map { split /\t/, $_, 2 } split /\n/, slurp($keys_path);
	Mail::DKIM::DNS::resolver(bless {}, 'KeyFile');
	for my $path (@files) {
		my $verdict = eval { verify_one(slurp($path)) } // $@;
		print "$path $verdict\n";
	}
}

sub sign {
	my ($pem, $selector, $domain, $canon, $outdir, @files) = @_;
	my $key = Mail::DKIM::PrivateKey->load(File => $pem);
	for my $path (@files) {
		my $message = slurp($path);
		my $dkim = Mail::DKIM::Signer->new(
			Algorithm => 'rsa-sha256', Method => $canon,
			Domain => $domain, Selector => $selector, Key => $key,
		);
		feed($dkim, $message);
		my $field = $dkim->signature->as_string . "\r\n";
		$field =~ s/(?<!\r)\n/\r\n/g;
		$field =~ s/\r\n/\n/g unless $message =~ /\A[^\n]*\r\n/;
		open my $out, '>:raw', $outdir . '/' . basename($path) or die;
		print $out $field, $message;
		close $out or die;
	}
}

my $verb = shift @ARGV;
$verb eq 'verify' ? verify(@ARGV) : sign(@ARGV);
