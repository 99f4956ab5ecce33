"""The only sequencer of core and shell."""
