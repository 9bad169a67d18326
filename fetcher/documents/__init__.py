"""Turns PDF, Word and OpenDocument files into HTML pages. Begin with `reading`."""
