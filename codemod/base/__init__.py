"""Names, findings and errors: the vocabulary that every other layer shares."""
