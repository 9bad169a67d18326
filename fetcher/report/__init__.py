"""What a run says: as data, text, Markdown and web pages.

`report` gathers it and `summary` tells it; `compare` finds what changed, `telling` says it of one seed.
"""
