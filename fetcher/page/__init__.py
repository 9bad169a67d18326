"""A parsed HTML page: its tree, its words, what kind each element is, and its metadata, links, code and embedded data.

Nothing here knows a stored text. Begin with `page` (the tree) and `word_spans` (its words).
"""
