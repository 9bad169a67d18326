"""HTML: a page as a tree, as words, and what its elements look like and hold. Nothing here knows a stored text.

Begin with `page` (the tree) and `word_spans` (its words).
"""
