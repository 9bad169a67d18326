"""An example: a small site before and after it was rebuilt, and seeds made from the old version."""
