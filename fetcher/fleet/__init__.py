"""Distributes a run over workers of dask.distributed; each shard has its own hosts.

`fleet` is for the command `scrapy fleet`; only `cluster` imports dask.
"""
