"""`scrapy learn`: derives rules for a site from its seeds, and shows them as a diff of the file of rules."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from scrapy.commands import ScrapyCommand

from fetcher.commands.crawling import crawled
from fetcher.commands.given import Checked
from fetcher.report.screen import printable, visible
from fetcher.terms.arguments import UsageError
from fetcher.terms.outcomes import counted

if TYPE_CHECKING:
    import argparse

    from fetcher.explain.learning import Learned
    from fetcher.preview import SampleSpider


class Command(Checked, ScrapyCommand):
    """Visits some pages of a site, and shows rules that select what their seeds store. Nothing is written."""

    requires_project = True

    def syntax(self) -> str:
        return "[options] <host, or address with * in its path>"

    def short_desc(self) -> str:
        return "Propose rules for a site from its seeds, without writing anything"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.add_argument("--pages", type=int, default=20, metavar="N", help="look at so many pages at most (20)")

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        try:
            host, path = _pattern(args)
            spider = self._visited(host, path, opts.pages)
        except UsageError as error:
            print(f"learn: {visible(str(error))}", file=sys.stderr)
            self.exitcode = 2
        else:
            self.exitcode = self._show(spider, host, path)

    def _visited(self, host: str, path: str, most: int) -> SampleSpider:
        # Scrapy imports all commands to run one of them: what one alone needs is imported where it is needed.
        from fetcher import preview  # noqa: PLC0415

        own = {"EXTENSIONS": {}, "ITEM_PIPELINES": {}, "PREVIEW_PAGES": (host, path, most)}
        return crawled(self.crawler_process, preview.SampleSpider, own)

    def _show(self, spider: SampleSpider, host: str, path: str) -> int:
        from fetcher.explain import learning  # noqa: PLC0415  # as above

        assert self.settings is not None  # set by Scrapy
        found = learning.learned(spider.samples)
        place = self.settings["REFRESH_SITES"]
        before = Path(place).read_text(encoding="utf-8-sig") if place else ""
        if rule := learning.written(found, host, path):
            print(printable_lines(learning.diff(before, rule, Path(place).name if place else "sites.yaml")), end="")
        print(_summary(found, spider.skipped))
        return 0 if found.pages else 1


def printable_lines(text: str) -> str:
    """The text with each line made safe to print."""
    return "".join(f"{visible(line)}\n" for line in text.splitlines())


def _pattern(args: list[str]) -> tuple[str, str]:
    """The host and the path that an argument names; raises UsageError if it names none."""
    if len(args) != 1:
        raise UsageError(
            "takes a host, such as docs.example.org, or an address such as https://docs.example.org/guide/*"
        )
    parts = urlsplit(args[0] if "//" in args[0] else f"//{args[0]}")
    try:
        host = parts.hostname or ""
    except ValueError:
        host = ""
    if not host:
        raise UsageError(f"{args[0]} names no host")
    return host, parts.path if parts.path != "/" else ""


def _summary(found: Learned, skipped: int) -> str:
    if not found.pages:
        return "Nothing was learned: no seed there has both a body and a page that can be read; run a refresh first."
    left = f" ({skipped} more left out: no HTML, or not the page)" if skipped else ""
    if not found.select and not found.remove:
        return f"No rule is needed: on {counted(found.pages, 'page')} the stored part is found without one{left}."
    said = (
        f"Tried on {counted(found.pages, 'page')}{left}:"
        f" of {found.same} the text is as near to the stored one, or nearer."
    )
    if found.other:
        named = ", ".join(printable(path) for path in found.other[:5])
        more = f" and {len(found.other) - 5} more" if len(found.other) > 5 else ""
        said += f" Of others it is not, as `scrapy preview` shows: {named}{more}."
    return f"{said} Nothing was written."
