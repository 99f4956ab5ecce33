"""Finders, one a reference kind: where an old name stands, and the edit that makes it new."""
