"""The vocabulary that every package shares: outcomes, failures, reasons, addresses, arguments. Plain data.

It imports nothing of the project.
"""
