"""Patient records: read, held as one typed model, written as text, and checked against."""
