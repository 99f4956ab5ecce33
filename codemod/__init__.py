"""codemod: a plan of phases restructures a Python repository, in small provable git commits."""

__version__ = "0.1.0"
