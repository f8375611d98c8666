"""Documents as people have them (PDF, DOCX, HTML, text), read into text with pages and headings."""
