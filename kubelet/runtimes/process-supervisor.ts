// The program that stands over each container of the process runtime, so that containers outlive the kubelet: it keeps the
// program's log and, at the end, its exit code. Perl, because every Debian has it, and it starts in milliseconds and takes a
// few MB, where a Node process would take 40 (docs/decisions/0008-supervisors-in-perl.md).

/**
 * `perl -e SCRIPT DIRECTORY EXIT_FILE LOG_BYTES_MAX WORKING_DIRECTORY STDIN COMMAND…`, in the program's environment.
 * Says `started` or `failed REASON` on its standard output, once. Leaves in DIRECTORY: `claim` (a second supervisor gives
 * way), `pids` (its own and the program's process id, each with its start time), `log` and `log.1` in the CRI's format.
 * Writes EXIT_FILE (the exit code, the time in seconds) when the program has ended and its log is complete.
 * STDIN is 1 for a pipe `stdin`, which SIGUSR1 lets go of, so that its next writer can end it; 0 for none.
 *
 * There are three processes: the program in a group of its own, one that waits for it, and one that reads its output. So no
 * signal has to interrupt a read, and killing one of the helpers harms neither the program nor the other.
 */
export const supervisorScript = String.raw`
use strict;
use warnings;
use Fcntl;
use POSIX ();
my $precise = eval { require Time::HiRes; 1 };
my ($directory, $exit_file, $log_max, $working_directory, $stdin, @command) = @ARGV;

sub now { return $precise ? Time::HiRes::time() : time() }

sub timestamp {
  my $now = now();
  return POSIX::strftime('%Y-%m-%dT%H:%M:%S', gmtime(int $now)) . sprintf('.%09dZ', ($now - int $now) * 1e9);
}

sub replace_file {
  my ($path, $text) = @_;
  open(my $file, '>', "$path.new") or die "$path.new: $!\n";
  print {$file} $text;
  close($file) or die "$path.new: $!\n";
  rename("$path.new", $path) or die "$path: $!\n";
}

# A process id alone may be given again to another process; with its start time it may not.
sub identify {
  my ($pid) = @_;
  open(my $file, '<', "/proc/$pid/stat") or return "$pid 0";
  my $stat = <$file>;
  $stat =~ s/^.*\) //s;
  return "$pid " . (split ' ', $stat)[19];
}

sub answer { syswrite(STDOUT, "$_[0]\n"); open(STDOUT, '>', '/dev/null') }

# Writes whole lines as they come, and the rest of a line when it is long or nothing follows for a while.
sub keep_log {
  my (%stream) = @_;
  my %rest = map { $_ => '' } keys %stream;
  my $size = -s "$directory/log" || 0;
  open(my $log, '>>', "$directory/log") or die "log: $!\n";
  my $write = sub {
    my ($text) = @_;
    if ($size + length($text) > $log_max && $size > 0) {
      rename("$directory/log", "$directory/log.1");
      open($log, '>>', "$directory/log") or die "log: $!\n";
      $size = 0;
    }
    $size += length($text);
    syswrite($log, $text);
  };
  while (%stream) {
    my $waiting = '';
    vec($waiting, fileno($stream{$_}), 1) = 1 for keys %stream;
    my $unfinished = grep { length } values %rest;
    my $ready = select($waiting, undef, undef, $unfinished ? 0.05 : undef);
    next if $ready < 0;
    for my $name (sort keys %stream) {
      my $has_data = $ready > 0 && vec($waiting, fileno($stream{$name}), 1);
      my $count = $has_data ? sysread($stream{$name}, $rest{$name}, 65536, length $rest{$name}) : undef;
      next if $has_data && !defined $count;
      my $time = timestamp();
      my $lines = '';
      $lines .= "$time $name F $1\n" while $rest{$name} =~ s/^([^\n]*)\n//;
      my $flush = $ready == 0 || ($has_data && $count == 0) || length $rest{$name} > 16384;
      if ($flush && length $rest{$name}) {
        $lines .= "$time $name P $rest{$name}\n";
        $rest{$name} = '';
      }
      $write->($lines) if length $lines;
      delete $stream{$name} if $has_data && $count == 0;
    }
  }
}

if (!sysopen(my $claim, "$directory/claim", O_CREAT | O_EXCL | O_WRONLY)) {
  answer('started');
  exit 0;
}
my ($input, $input_holder);
if ($stdin) {
  POSIX::mkfifo("$directory/stdin", 0600);
  sysopen($input_holder, "$directory/stdin", O_RDWR) or die "stdin: $!\n";
  sysopen($input, "$directory/stdin", O_RDONLY) or die "stdin: $!\n";
} else {
  open($input, '<', '/dev/null') or die "stdin: $!\n";
}
pipe(my $out_reader, my $out_writer) or die "pipe: $!\n";
pipe(my $error_reader, my $error_writer) or die "pipe: $!\n";
pipe(my $status_reader, my $status_writer) or die "pipe: $!\n";

my $program = fork();
die "fork: $!\n" unless defined $program;
if ($program == 0) {
  setpgrp(0, 0);
  my $report = sub { syswrite($status_writer, $_[0]); POSIX::_exit(127) };
  open(STDIN, '<&', $input) or $report->("stdin: $!");
  open(STDOUT, '>&', $out_writer) or $report->("stdout: $!");
  open(STDERR, '>&', $error_writer) or $report->("stderr: $!");
  chdir($working_directory) or $report->("$working_directory: $!");
  no warnings 'exec';
  exec { $command[0] } @command or $report->("$command[0]: $!");
}
close($_) for ($out_writer, $error_writer, $status_writer, $input);
my $reason = join '', <$status_reader>;
if (length $reason) {
  waitpid($program, 0);
  answer("failed $reason");
  exit 0;
}
my $logger = fork();
die "fork: $!\n" unless defined $logger;
if ($logger == 0) {
  open(STDOUT, '>', '/dev/null');
  close($input_holder) if $input_holder;
  keep_log(stdout => $out_reader, stderr => $error_reader);
  POSIX::_exit(0);
}
close($_) for ($out_reader, $error_reader);
$SIG{USR1} = sub { close($input_holder) if $input_holder; undef $input_holder };
replace_file("$directory/pids", identify($$) . ' ' . identify($program) . "\n");
answer('started');

1 until waitpid($program, 0) == $program;
my $status = $?;
my $ended = now();
kill('KILL', -$program);
# The log ends with the last process that holds the output; one that left the group may hold it for ever.
eval { local $SIG{ALRM} = sub { die "late\n" }; alarm 2; waitpid($logger, 0); alarm 0 };
my $code = $status & 127 ? 128 + ($status & 127) : $status >> 8;
replace_file($exit_file, "$code $ended\n");
`;
