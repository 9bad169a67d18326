"""What is remembered between runs: of each page, in one file. Without it everything works, with it better.

`state` is the file, `memory` the page; `fingerprint` is for others too.
"""
