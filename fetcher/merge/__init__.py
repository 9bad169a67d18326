"""A stored text brought up to a fresh one, what is unchanged to the byte.

`refresh` takes a page, `merge` a text; `place_history` and `threeway` have what memory keeps of it.
"""
