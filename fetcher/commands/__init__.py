"""The commands of the project: `scrapy crawl`, `preview`, `status`, `add`, `undo`, `publish`, `fleet` and so on.

Scrapy finds them by name; they print, and everything else is done below.
"""
