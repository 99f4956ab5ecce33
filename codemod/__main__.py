"""`python -m codemod`: the same as the console script."""

from __future__ import annotations

from codemod.cli.main import entry

if __name__ == "__main__":
    entry()
