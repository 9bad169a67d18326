"""What is remembered between runs: of each page, in one file. Without it everything works, with it better.

`state` is the file, `memory` the page; `fingerprint` and `merging` are for others too.
"""
