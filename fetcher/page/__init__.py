"""Parses HTML pages: the tree and its words, the kinds of elements, metadata, links, code and embedded data.

Nothing here knows a stored text. Begin with `page` (the tree) and `word_spans` (its words).
"""
