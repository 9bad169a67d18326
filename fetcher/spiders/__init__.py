"""The spider, where Scrapy looks for it.

`refresh` asks for each page once; its signals tell the extensions what it found.
"""
