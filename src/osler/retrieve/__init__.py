"""Retrieval: documents to chunks, an index on disk, the chunks nearest to a question, citations."""
