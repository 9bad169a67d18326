"""From a tree to Markdown, in the dialect of a stored text; `reading` reads Markdown.

`convert` and `dialect` are for others; `code` has what a fence says of its language.
"""
