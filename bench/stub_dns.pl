#!/usr/bin/env perl
# SPDX-License-Identifier: Apache-2.0
# stub_dns.pl VALUE DELAY_MS: a name server on a free port of loopback, which
# it prints, that answers every query with one TXT record after DELAY_MS.
use strict;
use warnings;
use IO::Socket::INET;
use Socket qw(:all);
use Time::HiRes qw(time);

my ($value, $delay_ms) = @ARGV;
my $socket = IO::Socket::INET->new(Proto => 'udp', LocalAddr => '127.0.0.1')
	or die $!;
setsockopt $socket, SOL_SOCKET, SO_RCVBUF, 1 << 22;
$| = 1;
print $socket->sockport, "\n";

my $strings = join '', map { pack 'C/a', $_ } $value =~ /.{1,255}/g;
my $record = pack 'nnnNn/a', 0xc00c, 16, 1, 3600, $strings;
my @waiting;
while (1) {
	my $now = time;
	while (@waiting && $waiting[0][0] <= $now) {
		my (undef, $to, $reply) = @{ shift @waiting };
		send $socket, $reply, 0, $to;
	}
	my $in = '';
	vec($in, fileno $socket, 1) = 1;
	my $left = @waiting ? $waiting[0][0] - $now : 1;
	next if select($in, undef, undef, $left > 0 ? $left : 0) < 1;
	for (1 .. 100) {
		my $from = recv $socket, my $query, 1500, MSG_DONTWAIT;
		last if !$from;
		my $end = index($query, "\0", 12) + 5;
		push @waiting, [time + $delay_ms / 1000, $from,
			substr($query, 0, 2) . pack('n5', 0x8180, 1, 1, 0, 0) .
				substr($query, 12, $end - 12) . $record];
	}
}
