"""Word's `.docx`, read by mammoth, and by us what it does not give."""
