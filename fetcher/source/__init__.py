"""Answers that are Markdown, compared with the stored text as text.

`refresh` is what a visit asks; `front`, `local` and `localise` read and point links.
"""
