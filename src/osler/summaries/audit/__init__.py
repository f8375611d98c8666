"""The audit: what a summary says, traced to the record, without any model."""
