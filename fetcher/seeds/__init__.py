"""Seed files: finds them in a folder, reads them, edits their front matter in place, and writes them under a lock.

Other packages use `seeds`, `folder`, `stamps`, `frontmatter`, `writing` and `lock`.
"""
