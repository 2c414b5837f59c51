#!/usr/bin/env perl
# SPDX-License-Identifier: Apache-2.0
# bench/netstring.pl trickle|flood MBOX COMMAND...: sends the messages of an
# mbox down a netstring stream. trickle writes a message when the one before it
# was answered, and prints the median time of an answer in microseconds; flood
# writes all of them at once, and prints messages per CPU second of the command.
use strict;
use warnings;
use IO::Handle;
use IPC::Open2;
use Time::HiRes 'time';

my ($mode, $mbox, @command) = @ARGV;

sub netstring { length($_[0]) . ":$_[0]," }

sub read_netstring {
	my ($file) = @_;
	local $/ = ":";
	defined(my $length = <$file>) or die "the answers end\n";
	chop $length;
	read($file, my $text, $length + 1) == $length + 1 or die "cut off\n";
	return $text;
}

open my $file, '<:raw', $mbox or die "$mbox: $!\n";
my $text = do { local $/; <$file> };
my @pairs = map { netstring('{"id":1}') . netstring($_) }
	grep { length } split /^From [^\n]*\n/m, $text;
my $pid = open2(my $out, my $in, @command);
binmode $_ for $in, $out;

if ($mode eq 'trickle') {
	my @spent;
	for my $pair (@pairs) {
		my $begun = time;
		print $in $pair;
		$in->flush;
		my $record = read_netstring($out);
		read_netstring($out);
		push @spent, time - $begun;
		die "not signed: $record\n" if $record !~ /"result":"signed"/;
	}
	my @sorted = sort { $a <=> $b } @spent;
	printf "%.0f\n", 1e6 * $sorted[@sorted / 2];
} else {
	my $writer = fork // die "fork: $!\n";
	if (!$writer) {
		close $out;
		print $in $_ for @pairs;
		close $in;
		exit 0;
	}
	close $in;
	1 while sysread $out, my $piece, 1 << 20;
	# The writer is not waited for yet: what is counted is the command.
	waitpid $pid, 0;
	my (undef, undef, $user, $system) = times;
	printf "%.0f\n", @pairs / ($user + $system);
	exit($? ? 1 : 0);
}
close $in;
waitpid $pid, 0;
exit($? ? 1 : 0);
