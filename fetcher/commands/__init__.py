"""The project's commands: `scrapy crawl`, `preview`, `status`, `add`, `undo`, `publish`, `fleet` and so on.

Scrapy finds them by name. They parse arguments and print; the work is done in other packages.
"""
