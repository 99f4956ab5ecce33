"""Names that live outside the code: what a queue, a database, a pickle or a log knows a module or a class by."""
