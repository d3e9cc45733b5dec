#!/usr/bin/perl
# Every relative link of every page leads to a file. Usage: links.pl (from the root of the tree)
use strict;
use warnings;
use File::Basename qw(dirname);
use File::Find qw(find);

my ($passed, $failed) = (0, 0);

sub check {
    my ($page) = @_;
    open my $in, '<', $page or die "$page: $!";
    my $text = do { local $/; <$in> };
    $text =~ s/^```.*?^```$//msg;    # code is not prose
    while ($text =~ /\]\(([^)\s]+)\)/g) {
        my $link = $1;
        next if $link =~ m{^(?:[a-z]+:|#)};
        $link =~ s/#.*//;
        if (-e dirname($page) . "/$link") { $passed++; next }
        $failed++;
        print "FAIL  $page: no file at $link\n";
    }
}

find({
        no_chdir => 1,
        wanted   => sub {
            $File::Find::prune = 1 if -d && m{/(?:build|target|\.git|data)$};
            check($_) if /\.md$/;
        }
    },
    '.');
print "$passed passed, $failed failed\n";
exit($failed > 0 || $passed == 0);
