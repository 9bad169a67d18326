"""Calls done in other processes, in order of arrival: each within bounds, and one that ends its process alone fails.

No library does that: a process that dies while it has no call breaks the whole pool of pebble (5.2), and one that dies
at any time that of loky (3.7), whose calls have no time limit either.
"""

from __future__ import annotations

import asyncio
import os
import pickle
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from threading import Event, Lock, Thread
from typing import IO, TYPE_CHECKING, Any, NamedTuple, TypeVar, cast

from fetcher.terms import reading_failures
from fetcher.workers.worker import OUT_OF_MEMORY, OUT_OF_TIME, WAIT

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from fetcher.terms.failures import Trouble

T = TypeVar("T")

SMALL = 8_000
"""Bytes of work below which a call is done here, in 2 ms at most; another process costs 1 ms a call, 300 to start."""

_CALLS = 1000  # that one process does before another takes its place: what libraries leak stays small
_GRACE = 10.0  # seconds after which a process is killed that should have ended itself by then
_LOOK = 1.0  # seconds between looks for such processes
# glibc gives the memory of a page back to the system, and is given it anew for the next: a tenth of what a look costs.
_MEMORY = {"MALLOC_MMAP_THRESHOLD_": str(32 << 20), "MALLOC_TRIM_THRESHOLD_": str(64 << 20)}


class Bounds(NamedTuple):
    """What one call may take: `seconds` of work and `megabytes` of memory, that of the process included."""

    seconds: float = 60.0
    megabytes: float = 2048


class Workers:
    """At most `count` processes, each started when there is a call for it and no other is free; 0 does all here.

    A call is a function and arguments that can be pickled. They end with this process, however that ends.
    """

    def __init__(self, count: int, bounds: Bounds) -> None:
        self._count = count
        self._bounds = bounds
        self._closed = Event()
        self._is_watched = False
        self._lock = Lock()  # of both of these, which threads share
        self._all: set[_Worker] = set()
        self._free: list[_Worker] = []
        # A process is spoken to with blocking pipes, as Windows has no others that Scrapy's event loop can wait for.
        # The threads keep the calls in order and begin the next one by themselves: the loop is busy with other pages.
        self._threads = ThreadPoolExecutor(max(count, 1), thread_name_prefix="worker")

    async def __call__(self, size: int, function: Callable[..., T], *arguments: Any) -> T | Trouble:
        """What the function returns, or why it did not come to an end; raises what it raises.

        `size` is the number of bytes that it works on.
        """
        if self._count == 0 or size < SMALL:
            return function(*arguments)
        taken: list[_Worker] = []
        call = asyncio.get_running_loop().run_in_executor(self._threads, self._call, taken, function, arguments)
        try:
            return await call
        except asyncio.CancelledError:  # nobody waits for the answer any more
            for worker in taken:
                worker.kill()
            raise

    def close(self) -> None:
        """End all processes at once, whatever they are at; there is no call after this."""
        with self._lock:
            self._closed.set()
            for worker in self._all:
                worker.kill()
        self._threads.shutdown(cancel_futures=True)
        for worker in self._all:
            worker.bury()
        self._all.clear()
        self._free.clear()

    def _watch(self) -> None:
        """Ends processes that should have ended themselves; takes a thread until all of this is closed."""
        while not self._closed.wait(_LOOK):
            with self._lock:
                for worker in self._all:
                    if worker.is_overdue():
                        worker.kill()

    def _call(self, taken: list[_Worker], function: Callable[..., T], arguments: tuple[Any, ...]) -> T | Trouble:
        """As the whole does, in one of the threads, by the process that is `taken` for it."""
        worker = self._take()
        taken.append(worker)
        try:
            return worker.call(function, arguments)
        finally:
            self._give_back(worker)

    def _take(self) -> _Worker:
        with self._lock:
            if self._closed.is_set():
                raise RuntimeError("the processes were told to end")
            while self._free:
                worker = self._free.pop()
                if worker.is_fit():
                    return worker
                self._part_with(worker)
            is_first = not self._is_watched
            if is_first:
                self._is_watched = True
                Thread(target=self._watch, name="workers", daemon=True).start()
            worker = _Worker(self._bounds, tells=is_first)
            self._all.add(worker)
            return worker

    def _give_back(self, worker: _Worker) -> None:
        with self._lock:
            if worker.is_free:  # whether it lives on is asked when it is taken
                self._free.append(worker)
            elif not self._closed.is_set():
                self._part_with(worker)

    def _part_with(self, worker: _Worker) -> None:
        worker.kill()
        worker.bury()
        self._all.discard(worker)


class _Worker:
    """One process, which does one call at a time."""

    def __init__(self, bounds: Bounds, *, tells: bool) -> None:
        command = [sys.executable, "-P", "-m", "fetcher.workers.worker", *map(str, bounds), *["tells"] * tells]
        paths = (path or os.getcwd() for path in sys.path)  # noqa: PTH109  # text, as the others are
        environment = {**_MEMORY, **os.environ, "PYTHONPATH": os.pathsep.join(paths)}
        pipe = subprocess.PIPE
        self._process = subprocess.Popen(command, stdin=pipe, stdout=pipe, env=environment)  # noqa: S603  # ourselves
        self._seconds = bounds.seconds
        self._wait = bounds.seconds * WAIT
        self._calls = 0
        self._is_idle = True
        self._began = 0.0

    @property
    def is_free(self) -> bool:
        """Whether it has no call, and has not done its share of them."""
        return self._is_idle and self._calls < _CALLS

    def is_fit(self) -> bool:
        """Whether it can do another call."""
        return self.is_free and self._process.poll() is None

    def is_overdue(self) -> bool:
        """Whether it has been at a call for longer than it should have lived."""
        return not self._is_idle and time.monotonic() - self._began > self._wait + _GRACE

    def call(self, function: Callable[..., T], arguments: tuple[Any, ...]) -> T | Trouble:
        """As `Workers` does; takes a thread as long as it takes."""
        call = packed(function, arguments)
        self._began = time.monotonic()
        self._calls += 1
        self._is_idle = False
        try:
            is_done, value = self._exchange(call)
        except (EOFError, OSError, pickle.UnpicklingError):  # the pipe broke: before, after or within what it carried
            return self._ended(time.monotonic() - self._began)
        self._is_idle = True
        if not is_done:
            raise value
        return cast("T", value)

    def kill(self) -> None:
        """End the process, and with it a call that waits for its answer."""
        self._process.kill()

    def bury(self) -> None:
        """Take note of the process's end, without which it stays listed as a zombie."""
        with suppress(BrokenPipeError), self._process:  # what was not sent cannot be any more
            pass

    def _exchange(self, call: Sequence[memoryview]) -> tuple[bool, Any]:
        calls, answers = cast("IO[bytes]", self._process.stdin), cast("IO[bytes]", self._process.stdout)
        pickle.dump([len(part) for part in call], calls)
        for part in call:
            calls.write(part)
        calls.flush()
        return cast("tuple[bool, Any]", pickle.load(answers))  # noqa: S301  # from our own process

    def _ended(self, seconds: float) -> Trouble:
        status = self._process.wait()
        if status == OUT_OF_MEMORY:
            return reading_failures.MEMORY
        is_late = seconds >= self._wait or status == -OUT_OF_TIME != 0
        return reading_failures.hung(self._seconds) if is_late else reading_failures.died(status)


def packed(function: Callable[..., object], arguments: tuple[object, ...]) -> list[memoryview]:
    """A call as it is sent: pickled, and after that the bodies of answers in it, which are not copied (PEP 574)."""
    bodies: list[pickle.PickleBuffer] = []
    call = pickle.dumps((function, arguments), protocol=5, buffer_callback=bodies.append)
    return [memoryview(call), *(body.raw() for body in bodies)]
