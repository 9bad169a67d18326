"""Calls done in other processes, each within bounds of time and memory.

`workers.Workers` is for others; `worker` is the program that such a process runs.
"""
