"""The command line: arguments -> engine -> report -> exit code."""
