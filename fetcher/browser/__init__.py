"""Renders pages whose text is added by scripts, in a browser that has no network access of its own.

`browser` starts the browser and gives each page its own context, `rendering` renders a page, and `traffic` answers the
requests of the page, which Scrapy fetches. This package is loaded only if a user's rules ask for it.

With scrapy-playwright the browser would use the network itself, and its redirects could not be checked
(`findings/scrapy-playwright-abort-redirect.sh`). So Playwright is driven from here.
"""
