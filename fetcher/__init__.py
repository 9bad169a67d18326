"""Fetcher: refresh a folder of Markdown seeds and show exactly what changed on their pages."""

__version__ = "0.1.0"
