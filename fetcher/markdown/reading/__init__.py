"""Markdown read: as blocks with the words that a reader sees, and how these differ from others.

`blocks` and `wording` are for others; `commonmark` renders for the report too.
"""
