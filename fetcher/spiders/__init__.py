"""The package in which Scrapy looks for spiders; the others are spiders of commands, in modules of Scrapy's parts."""
