"""The report: values in, lines and documents out."""
