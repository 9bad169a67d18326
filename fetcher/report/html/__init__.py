"""Writes the report and the history of runs as web pages that run no foreign code.

The rest of `report` uses `document`, `history` and `view`.
"""
