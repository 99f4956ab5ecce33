"""Every side effect, one dependency a file."""
