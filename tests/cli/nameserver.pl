# SPDX-License-Identifier: Apache-2.0
# nameserver.pl PORTFILE: a name server on loopback that answers TXT questions
# from "NAME<TAB>VALUE" lines on standard input, NXDOMAIN for other names. It
# writes its port to PORTFILE and ends with its parent.
use strict;
use warnings;
use IO::Socket::INET;

my %values;
while (<STDIN>) {
	chomp;
	my ($name, $value) = split /\t/, $_, 2;
	push @{ $values{$name} }, $value;
}
my $socket = IO::Socket::INET->new(LocalAddr => '127.0.0.1', Proto => 'udp')
	or die $!;
open my $file, '>', "$ARGV[0].new" or die $!;
print $file $socket->sockport;
close $file;
rename "$ARGV[0].new", $ARGV[0] or die $!;
my $parent = getppid;
while (getppid == $parent) {
	my $ready = '';
	vec($ready, fileno $socket, 1) = 1;
	next unless select $ready, undef, undef, 0.5;
	next unless $socket->recv(my $question, 4096);
	my ($at, @labels) = (12);
	while (my $size = ord substr $question, $at, 1) {
		push @labels, substr $question, $at + 1, $size;
		$at += 1 + $size;
	}
	my $values = $values{ lc join '.', @labels } || [];
	my $answers = '';
	for my $value (@$values) {
		my $data = join '', map { chr(length) . $_ } $value =~ /.{1,255}/gs;
		$answers .= pack 'nnnNn/a*', 0xc00c, 16, 1, 300, $data;
	}
	$socket->send(pack('a2nnnnn', $question, @$values ? 0x8180 : 0x8183, 1,
		scalar @$values, 0, 0)
		. substr($question, 12, $at + 5 - 12) . $answers);
}
