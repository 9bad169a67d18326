"""Files of an office as pages: PDF, Word, OpenDocument."""
