"""Brings a stored body up to date with its page; what has not changed there stays to the byte.

`refresh` takes a page, `merge` a fresh text; `place_history` and `threeway` have what is remembered of earlier visits.
"""
