"""Merges answers that are Markdown, or texts of documents, into stored bodies, as text rather than as a page.

`refresh.refresh_markdown` and `words.refresh_document` are for `visits`; `local` turns links to seeds into paths.
"""
