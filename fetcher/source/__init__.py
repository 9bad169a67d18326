"""Answers that are Markdown, compared with the stored text as text.

`refresh` is what a visit asks; `local` reads and points links.
"""
