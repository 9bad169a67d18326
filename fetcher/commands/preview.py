"""`scrapy preview`: shows what a run would do with one page, and why, without writing anything."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from scrapy.commands import ScrapyCommand

from fetcher.commands.crawling import crawled
from fetcher.commands.given import Checked
from fetcher.report.screen import visible
from fetcher.run import arguments
from fetcher.terms.arguments import UsageError

if TYPE_CHECKING:
    import argparse

    from fetcher.preview import PreviewSpider
    from fetcher.sites.rules import Rule

_TRIED = {
    "select": ("CSS", "only what this selector finds is the page (may be repeated)"),
    "remove": ("CSS", "what this selector finds is not on the page (may be repeated)"),
    "ignore": ("REGEX", "changes of what this expression finds are not written (may be repeated)"),
}
_TAKEN = ("accept", "conflicts", "follow_moves", "localise")


class Command(Checked, ScrapyCommand):
    """Visits the page of a seed as a run does, shows each decision and the change, and exits with a run's status."""

    requires_project = True

    def syntax(self) -> str:
        return "[options] <seed's file or page's URL>"

    def short_desc(self) -> str:
        return "Show what a refresh would make of one page and why, without writing anything"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        choice = f"as for `crawl refresh`: {', '.join(_TAKEN)} (may be repeated)"
        parser.add_argument("-a", dest="given", action="append", default=[], metavar="NAME=VALUE", help=choice)
        for name, (what, does) in _TRIED.items():
            parser.add_argument(f"--{name}", action="append", default=[], metavar=what, help=f"try a rule: {does}")
        parser.add_argument("--html", default="", metavar="FILE", help="a saved page, in place of the one on the web")

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        try:
            own: dict[str, object] = {"PREVIEW_HTML": _readable(opts.html), "PREVIEW_RULES": _rules(opts)}
            spider = self._visited(_target(args), arguments.split_arguments(opts.given, _TAKEN), own)
        except UsageError as error:
            print(f"preview: {visible(str(error))}", file=sys.stderr)
            self.exitcode = 2
        else:
            self.exitcode = _show(spider)

    def _visited(self, target: str, given: dict[str, str], own: dict[str, object]) -> PreviewSpider:
        """The spider after its visit; raises UsageError if there was no visit."""
        # Scrapy imports all commands to run one of them: what one alone needs is imported where it is needed.
        from fetcher import preview  # noqa: PLC0415

        assert self.settings is not None  # set by Scrapy
        settings, chosen = preview.chosen(target, self.settings)
        spider = crawled(self.crawler_process, preview.PreviewSpider, {**settings, **own}, {**chosen, **given})
        if not spider.found:
            raise UsageError(f"{target} is no seed: no visible .md, .markdown or .txt file with a source_url")
        return spider


def _target(args: list[str]) -> str:
    if len(args) != 1:
        raise UsageError("takes one seed's file or one page's URL: scrapy preview fees.md")
    return args[0]


def _rules(opts: argparse.Namespace) -> list[Rule]:
    """The rule to try, if any."""
    if not (opts.select or opts.remove or opts.ignore):
        return []
    from fetcher.sites.reading import trial_rules  # noqa: PLC0415  # as above

    return trial_rules(opts.select, opts.remove, opts.ignore)


def _readable(html: str) -> str:
    if html and not (Path(html).is_file() and os.access(html, os.R_OK)):
        raise UsageError(f"--html={html} is no file that can be read")
    return html


def _show(spider: PreviewSpider) -> int:
    """Prints the preview, and returns the exit status."""
    from fetcher.explain import preview  # noqa: PLC0415  # as above
    from fetcher.report.screen import screen_of  # noqa: PLC0415
    from fetcher.terms.outcomes import TROUBLES  # noqa: PLC0415

    colours = screen_of(sys.stdout).colours
    for name, result, said in spider.told():
        print(preview.shown(name, result, said, colours=colours))
    print("This was a preview: nothing was written.")
    return int(any(result.record.outcome in TROUBLES for result in spider.results))
