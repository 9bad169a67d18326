"""HTML: a page as a tree, as words, and what its elements look like and hold. Nothing here knows a stored text.

`page` and `flow` are where to begin; `apart` and `flight` are parts of others here.
"""
