"""The real command in a process that is forked from one which has loaded it: a tenth of the time of a new interpreter.

For tests that show what a command does. Where it matters how its interpreter starts (its variables of the environment,
what it loads), or its signals and children do, a test starts one itself.
"""

from __future__ import annotations

import atexit
import multiprocessing
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from scrapy import cmdline

import fetcher.extensions
import fetcher.handlers
import fetcher.middlewares
import fetcher.pipelines
import fetcher.preview
import fetcher.spiders.refresh
import fetcher.visits.visit  # noqa: F401  # all of these are what the first of the processes loads for the others

if TYPE_CHECKING:
    from collections.abc import Sequence
    from multiprocessing.context import ForkServerProcess

ROOT = Path(__file__).parent.parent


def started(words: Sequence[str]) -> ForkServerProcess:
    """A process that does what `python -m scrapy ...` does, its output thrown away."""
    return _started(words, os.devnull, os.devnull)


def ran(words: Sequence[object]) -> subprocess.CompletedProcess[str]:
    """What came of `scrapy ...`: its status, and all that it printed."""
    command = [str(word) for word in words]
    if sys.platform == "win32":
        command = [sys.executable, "-m", *command]
        return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    with tempfile.TemporaryDirectory() as place:
        out, log = Path(place, "out"), Path(place, "log")
        process = _started(command, str(out), str(log))
        process.join()  # where it never ends, pytest's own deadline ends the test, and the process with it
        status = process.exitcode
        assert status is not None
        process.close()
        return subprocess.CompletedProcess(command, status, out.read_text(), log.read_text())


def _started(words: Sequence[str], out: str, log: str) -> ForkServerProcess:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__])
    process = context.Process(target=_main, args=(list(words), dict(os.environ), out, log), daemon=True)
    process.start()
    return process


def _main(words: list[str], environment: dict[str, str], out: str, log: str) -> None:
    os.chdir(ROOT)
    os.environ.clear()
    os.environ.update(environment)
    for number, (place, flags) in enumerate([(os.devnull, os.O_RDONLY), (out, os.O_WRONLY), (log, os.O_WRONLY)]):
        opened = os.open(place, flags | os.O_CREAT)
        os.dup2(opened, number)
        os.close(opened)
    sys.stdin = open(0, closefd=False)  # noqa: SIM115  # what multiprocessing has put there is another one
    try:
        cmdline.execute(words)
    finally:
        atexit._run_exitfuncs()  # which multiprocessing leaves out
