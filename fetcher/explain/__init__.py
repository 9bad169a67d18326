"""Why a visit ended as it did, for `scrapy preview`.

`decisions` finds the reasons in what was seen, `preview` prints them.
"""
