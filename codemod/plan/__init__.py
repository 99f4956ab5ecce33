"""The plan: its runnable values, the loader that makes them from YAML, the schema for editors."""
