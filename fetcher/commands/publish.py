"""`scrapy publish`: pushes the changes of the last run to a branch, and opens a pull request for them."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from scrapy.commands import ScrapyCommand
from scrapy.exceptions import UsageError

from fetcher.commands.given import Checked, given
from fetcher.report.screen import printable
from fetcher.terms.failures import PublishError

if TYPE_CHECKING:
    import argparse


class Command(Checked, ScrapyCommand):
    """Exits with status 0 if all is published or nothing changed, 1 if a person has to look, 2 on an error."""

    requires_project = True
    requires_crawler_process = False

    def short_desc(self) -> str:
        return "Push what the last run changed to a branch, and open or update its pull request"

    def long_desc(self) -> str:
        return (
            f"{self.short_desc()}. The request is opened with the token in GITHUB_TOKEN or GITLAB_TOKEN; without one "
            "the branch is pushed and that is all. Your index and working tree stay as they are."
        )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.add_argument("--branch", default="refresh/seeds", help="branch to push (default: %(default)s)")
        parser.add_argument("--base", default="", help="branch that it is for (default: the remote's own)")
        parser.add_argument("--remote", default="origin", help="remote to push to (default: %(default)s)")
        parser.add_argument("--author", default="", help='"A Name <mail>" for the commit (default: as git has it)')
        parser.add_argument("--label", action="append", default=[], help="label for the request; may be repeated")
        parser.add_argument("--dry-run", action="store_true", help="say what would be done, and do nothing")

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        if args:
            raise UsageError(f"publish takes no {' '.join(args)}")
        assert self.settings is not None  # set by Scrapy
        from fetcher.publish.publishing import Options, publish  # noqa: PLC0415  # other commands do without it

        seeds = given(self.settings, "SEEDS_DIR")
        where = Path(seeds) if seeds else None
        options = Options(opts.branch, opts.base, opts.remote, opts.author, opts.label, opts.dry_run, where)
        try:
            self.exitcode = publish(Path(self.settings["REPORT_DIR"], "latest"), options, os.environ, _say)
        except PublishError as error:
            print(f"publish: {printable(str(error), 900)}", file=sys.stderr)
            self.exitcode = 2


def _say(line: str) -> None:
    print(printable(line, 900))
