"""Finds the part of a page that a seed stores: learned from its body, or the main content if it has none.

Begin with `choice`, which decides between `region` (learned) and `main_content`; `to_markdown` writes that part.
"""
