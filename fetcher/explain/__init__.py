"""Explains why a visit ended as it did, for `scrapy preview`, and derives rules from seeds, for `scrapy learn`.

`decisions` finds the reasons, `preview` prints them, `learning` derives the rules.
"""
