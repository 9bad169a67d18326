"""Converts an HTML tree to Markdown in the dialect of a stored body; `reading` reads Markdown.

Other packages use `convert`, `dialect` with `detection` and `page_habits`, and `grid`.
"""
