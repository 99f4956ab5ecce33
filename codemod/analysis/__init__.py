"""Questions about the dependency graph: snapshots, ownership, limits."""
