"""An outcome as text, diff, Markdown or JSON; pure."""
