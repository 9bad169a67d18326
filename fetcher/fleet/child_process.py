"""Runs Scrapy's command in a process that ends when the one that started it does, however that ends.

`python -m fetcher.fleet.child_process crawl refresh …`: its standard input is a pipe into which nothing is ever
written, and which the system closes when the process at the other end is gone. A run that outlived its worker would ask
the same hosts as the one that takes its place.
"""

import os
import runpy
import threading

_STDIN = 0


def main() -> None:
    """Runs the command to its end, or not at all any more."""
    threading.Thread(target=_wait_for_the_end, daemon=True).start()
    runpy.run_module("scrapy", run_name="__main__", alter_sys=True)


def _wait_for_the_end() -> None:
    os.read(_STDIN, 1)  # not sys.stdin, whose lock Python wants to have when it ends
    os._exit(1)


if __name__ == "__main__":
    main()
