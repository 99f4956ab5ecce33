"""The command line, from outside: processes, streams, exit codes."""
