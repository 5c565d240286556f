# Makes TCP connections whose kernels keep few received bytes, and runs a command that inherits them: Node cannot set
# SO_RCVBUF itself, and a kernel that keeps megabytes hides how slowly its client reads.
#
# perl connect.pl HOST BYTES PORT,PORT,… COMMAND…
# SOCKETS, in the environment of the command, lists PORT=DESCRIPTOR pairs.
use strict;
use warnings;
use Socket;

# Descriptors up to this one survive exec.
$^F = 255;

my ($host, $bytes, $ports, @command) = @ARGV;
my (@sockets, @pairs);
for my $port (split /,/, $ports) {
    socket(my $socket, PF_INET, SOCK_STREAM, 0) or die "socket: $!";
    setsockopt($socket, SOL_SOCKET, SO_RCVBUF, pack('i', $bytes)) or die "setsockopt: $!";
    connect($socket, sockaddr_in($port, inet_aton($host))) or die "connect: $!";
    push @sockets, $socket;
    push @pairs, "$port=" . fileno($socket);
}
$ENV{SOCKETS} = join ',', @pairs;
exec @command or die "exec: $!";
