"""Compares texts of seeds, and writes the report of a run: as JSON, Markdown, a patch, web pages and a summary.

`report` collects what becomes of each seed and writes the files; `summary` is for terminals and webhooks; `compare`
finds what changed in a seed and describes it. Status tables and the merging of shards' reports are here too.
"""
