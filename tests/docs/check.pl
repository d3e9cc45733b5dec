#!/usr/bin/perl
# Does what a page says: writes its files, runs its commands, compares what they print.
#
# ```c NAME           the block is saved as file NAME
# ```console          lines "$ command" run in one shell, in order; the lines below each are its
#                     standard output; … stands for anything
# ```console background   its one command runs beside, until the page ends; the page goes on when its
#                     last expected line has been printed
# Every other block is prose. Usage: check.pl PAGE.md … (programs in $OL_BIN)
use strict;
use warnings;
use utf8;
use Cwd qw(abs_path);
use File::Temp qw(tempdir);

binmode STDOUT, ":utf8";
$ENV{PATH} = abs_path($ENV{OL_BIN}) . ":$ENV{PATH}";
my $deadline = 60;    # seconds a command may take
my ($passed, $failed) = (0, 0);

sub pattern {
    my ($text) = @_;
    $text =~ s/\s+$//;
    return join '.*', map { quotemeta } split /…/, $text, -1;
}

sub run {
    my ($command) = @_;
    my $output = '';
    eval {
        local $SIG{ALRM} = sub { die "took more than $deadline s\n" };
        alarm $deadline;
        $output = `$command`;
        alarm 0;
    };
    return $@ ? $@ : $output;
}

sub background {
    my ($command, $wanted) = @_;
    my $pid = fork // die "fork: $!";
    if ($pid == 0) {
        setpgrp;
        open STDOUT, '>', 'background.log';
        open STDERR, '>&', \*STDOUT;
        exec 'bash', '-c', $command;
    }
    my $last = (split /\n/, $wanted)[-1];
    my $pattern = pattern($last);
    for (1 .. 10 * $deadline) {
        if (open my $log, '<', 'background.log') {
            local $/;
            my $text = <$log> // '';
            return ($pid, 1) if $text =~ /^$pattern/m;
        }
        select undef, undef, undef, 0.1;
    }
    return ($pid, 0);
}

sub verdict {
    my ($page, $command, $good, $got, $wanted) = @_;
    if ($good) { $passed++; print "ok    $page: $command\n"; return }
    $failed++;
    print "FAIL  $page: $command\n  got:  $got\n  want: $wanted\n";
}

for my $page (@ARGV) {
    open my $in, '<:raw', $page or die "$page: $!";
    my $text = do { local $/; <$in> };
    utf8::decode($text);
    my $home = abs_path('.');
    my $folder = tempdir(CLEANUP => 1);
    my @beside;
    local $ENV{HOME} = $folder;
    chdir $folder or die;
    while ($text =~ /^```(\w+)[ ]?([^\n]*)\n(.*?)^```$/msg) {
        my ($kind, $info, $body) = ($1, $2, $3);
        if ($kind eq 'c' && $info ne '') {
            open my $out, '>:utf8', $info or die "$info: $!";
            print $out $body;
            close $out;
            next;
        }
        next unless $kind eq 'console';
        my (undef, @commands) = split /^\$ /m, $body;
        for (@commands) {
            my ($command, $wanted) = split /\n/, $_, 2;
            $wanted //= '';
            if ($info eq 'background') {
                my ($pid, $good) = background($command, $wanted);
                push @beside, $pid;
                verdict($page, $command, $good, 'see its log', $wanted);
                next;
            }
            my $pattern = pattern($wanted);
            my ($got, $good);
            # What is published beside takes a moment to arrive; a reader would ask again, too.
            for (1 .. (@beside ? 20 : 1)) {
                $got = run("$command 2>command.err");
                utf8::decode($got);
                $good = $got =~ /^$pattern\s*$/s and last;
                select undef, undef, undef, 0.25;
            }
            verdict($page, $command, $good, $got, $wanted);
        }
    }
    kill 'TERM', -$_ for @beside;
    waitpid $_, 0 for @beside;
    chdir $home;
}
print "$passed passed, $failed failed\n";
exit($failed > 0 || $passed == 0);
