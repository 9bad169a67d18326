"""Seed files: found in a folder, read, edited in place, locked and written.

`seeds`, `folder`, `stamps`, `frontmatter`, `writing` and `lock` are for others.
"""
