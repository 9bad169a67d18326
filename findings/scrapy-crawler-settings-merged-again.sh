#!/usr/bin/env bash
# Scrapy 2.19.0 (PyPI): settings that were set on a Crawler are overwritten when it is handed to crawl().
#
# A crawler is made by CrawlerProcess.create_crawler(), a setting of it is changed with priority "cmdline", and it is
# handed to process.crawl(). The documentation says that the process's value is applied "only if the Crawler does not
# already have that setting at an equal or higher priority". It is applied at an equal priority, too, without a word.
#
# Seen:
#     before crawl(): mine
#     after crawl(): theirs
#
# Why it matters here: `scrapy preview` and `scrapy add` visit pages with a seeds folder of their own. Where the user
# gave `-s SEEDS_DIR=…`, which has the priority "cmdline", the run took the user's folder instead and found nothing, or
# other files. What a command decides itself has to be set above that priority.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q scrapy==2.19.0
seen=$("$folder/venv/bin/python" - <<'PY'
import asyncio

import scrapy
from scrapy.crawler import AsyncCrawlerRunner
from scrapy.settings import Settings
from scrapy.utils.reactor import install_reactor

install_reactor("twisted.internet.asyncioreactor.AsyncioSelectorReactor")


class Nothing(scrapy.Spider):
    name = "nothing"

    async def start(self):
        return
        yield


async def main():
    settings = Settings()
    settings.set("FOLDER", "theirs", priority="cmdline")
    runner = AsyncCrawlerRunner(settings)
    crawler = runner.create_crawler(Nothing)
    crawler.settings.set("FOLDER", "mine", priority="cmdline")
    print("before crawl():", crawler.settings["FOLDER"])
    crawl = runner.crawl(crawler)
    print("after crawl():", crawler.settings["FOLDER"])
    await crawl


asyncio.get_event_loop_policy().get_event_loop().run_until_complete(main())
PY
)
echo "$seen"
[ "$seen" = 'before crawl(): mine
after crawl(): theirs' ] || exit 1
