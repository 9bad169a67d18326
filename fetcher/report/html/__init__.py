"""The report and the history of runs as web pages, under a policy that runs nothing foreign.

`document`, `history` and `view` are for the rest of `report`.
"""
