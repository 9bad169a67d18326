"""Parses Markdown into blocks with the words that a reader sees, and compares the words of blocks.

Other packages use `blocks` and `wording`, and `commonmark` to render.
"""
