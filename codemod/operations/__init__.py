"""The verbs of a plan, one file each."""
