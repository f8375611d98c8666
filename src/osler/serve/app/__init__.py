"""What the page needs beside the API: conversations, documents, patients and runs."""
