"""The real command in a process that is forked from one which has loaded it: a tenth of the time of a new interpreter.

For tests that need many processes, and none of their output.
"""

from __future__ import annotations

import multiprocessing
import os
from typing import TYPE_CHECKING

from scrapy import cmdline

import fetcher.extensions
import fetcher.handlers
import fetcher.middlewares
import fetcher.pipelines
import fetcher.spiders.refresh
import fetcher.visits.visit  # noqa: F401  # all of these are what the first of the processes loads for the others
from tests.conftest import ROOT

if TYPE_CHECKING:
    from collections.abc import Sequence
    from multiprocessing.context import ForkServerProcess


def started(words: Sequence[str]) -> ForkServerProcess:
    """A process that does what `python -m scrapy ...` does, its output thrown away."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__])
    process = context.Process(target=_main, args=(list(words), dict(os.environ)), daemon=True)
    process.start()
    return process


def _main(words: list[str], environment: dict[str, str]) -> None:
    os.chdir(ROOT)
    os.environ.update(environment)
    nothing = os.open(os.devnull, os.O_RDWR)
    for number in range(3):
        os.dup2(nothing, number)
    cmdline.execute(words)
