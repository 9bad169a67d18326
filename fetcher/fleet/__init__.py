"""One run by many workers of dask.distributed, each with its own share of the hosts.

`fleet` is what the command calls; only `cluster` knows dask.
"""
