"""From an intent to edits: byte spans that never overlap."""
