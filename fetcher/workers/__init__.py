"""A pool of worker processes that run function calls within limits of time and memory.

`workers.Workers` is the pool; `worker` is the program that each process runs.
"""
