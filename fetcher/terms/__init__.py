"""The vocabulary that every package shares: outcomes, troubles, reasons, addresses, shards, arguments.

All of it is plain data for everybody, and imports nothing of the project.
"""
