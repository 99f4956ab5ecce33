"""Proofs on the tree that is to be, before anything is written."""
