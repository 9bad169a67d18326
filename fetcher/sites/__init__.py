"""Reads the user's rules for single sites in `sites.yaml`, matches them with URLs, and applies them to pages.

`reading` parses the file, `rules` finds the rules of a URL and counts their use, `trimming` applies them to a page and
its changes, `access` sends secrets to the sites that they are for.
"""
