"""The repository as values: its tree, its modules, and what each file says."""
