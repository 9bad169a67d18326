"""Runs a Scrapy command in a process that ends together with its parent, however that ends.

`python -m fetcher.fleet.child_process crawl refresh …`: standard input is a pipe that the system closes when the parent
is gone; nothing is ever written to it. Otherwise a run could outlive its worker, and send requests to the same hosts as
the run that replaces it.
"""

import os
import runpy
import threading

_STDIN = 0


def main() -> None:
    """Runs the command, and exits early if the parent ends."""
    threading.Thread(target=_wait_for_the_end, daemon=True).start()
    runpy.run_module("scrapy", run_name="__main__", alter_sys=True)


def _wait_for_the_end() -> None:
    os.read(_STDIN, 1)  # not sys.stdin, whose lock Python wants to have when it ends
    os._exit(1)


if __name__ == "__main__":
    main()
