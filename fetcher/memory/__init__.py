"""What is remembered of pages between runs, in one SQLite file; runs also work without it.

`state` reads and writes the file, `memory` has what is remembered of a page, `freshness` how often pages change.
"""
