"""Structural libcst codemods."""
