"""A terminal for tests: what a command shows on one, and what a person sees there in the end."""

from __future__ import annotations

import fcntl
import os
import pty
import struct
import subprocess
import termios
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyte

from tests.conftest import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

LINES, COLUMNS = 24, 100


@dataclass
class Shown:
    """The exit status of a command, all that it wrote to its terminal, and each line of text that this left there."""

    status: int
    raw: str

    @property
    def lines(self) -> list[str]:
        screen = pyte.HistoryScreen(COLUMNS, LINES, history=10_000)
        pyte.Stream(screen).feed(self.raw)
        above = ["".join(row[column].data for column in range(COLUMNS)) for row in screen.history.top]
        return [line.rstrip() for line in [*above, *screen.display]]


def on_terminal(
    words: Sequence[str],
    environment: Mapping[str, str] | None = None,
    *,
    size: tuple[int, int] = (LINES, COLUMNS),
    told: Callable[[str, subprocess.Popen[bytes]], object] = lambda *_: None,
    typed: tuple[str, str] = ("", ""),
) -> Shown:
    """Runs a command whose input, output and errors are one terminal; `told` gets all that it wrote so far.

    Of `typed`, the second is typed once the first is seen.
    """
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", *size, 0, 0))
    plain = {name: value for name, value in os.environ.items() if name not in ("NO_COLOR", "LINES", "COLUMNS")}
    plain |= {"TERM": "xterm-256color", **(environment or {})}
    process = subprocess.Popen(words, cwd=ROOT, env=plain, stdin=theirs, stdout=theirs, stderr=theirs)
    os.close(theirs)
    raw = b""
    with suppress(OSError):  # what reading from a terminal ends with that nobody writes to any more
        while piece := os.read(ours, 65536):
            raw += piece
            told(raw.decode(errors="replace"), process)
            if typed[0] and typed[0].encode() in raw:
                os.write(ours, typed[1].encode())
                typed = ("", "")
    os.close(ours)
    return Shown(process.wait(), raw.decode())
