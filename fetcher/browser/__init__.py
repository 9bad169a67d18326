"""A browser that renders pages whose text comes by script, and that has no network of its own.

`browser` starts it and gives each page a context of its own, `rendering` has one page rendered, and `traffic` decides
what of that which the page asks for is fetched, by whoever renders. Only a run whose rules ask for it loads this.

Under scrapy-playwright the browser would use the network itself, where redirects are seen by nobody
(`findings/scrapy-playwright-abort-redirect.sh`): so Playwright is driven from here.
"""
