"""What a user says of some sites: `sites.yaml`, read and checked, matched with addresses, and done to a page.

`reading` makes rules of the file, `rules` finds those for an address and counts, `trimming` applies them to a page and
to its changes; `access` has what is sent to a site and to nobody else.
"""
