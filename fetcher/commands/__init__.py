"""The commands of the project: `scrapy crawl`, `preview`, `status`, `publish`, `merge`, `fleet` and `demo`.

Scrapy finds them by name; they print, and everything else is done below.
"""
