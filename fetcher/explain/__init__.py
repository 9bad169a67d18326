"""Why a visit ended as it did, for `scrapy preview`.

`decisions` finds the reasons in a `look`, `preview` prints them.
"""
