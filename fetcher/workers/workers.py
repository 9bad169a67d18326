"""A pool of worker processes: each call has limits of time and memory, and one that kills its process fails alone.

No library does this: pebble's pool (5.2) breaks if an idle process dies, and loky's (3.7) if any does; loky has no time
limit for calls either.
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
"""Calls on fewer bytes run in this process, in at most 2 ms; a worker costs 1 ms a call and 300 ms to start."""

_CALLS = 1000  # after which a process is replaced, so that leaks of libraries stay small
_GRACE = 10.0  # seconds after which a process is killed that should have ended by itself
_LOOK = 1.0  # seconds between checks for such processes
# Keep glibc from returning the memory of each page to the system, which costs a tenth of the time of reading it.
_MEMORY = {"MALLOC_MMAP_THRESHOLD_": str(32 << 20), "MALLOC_TRIM_THRESHOLD_": str(64 << 20)}


class Bounds(NamedTuple):
    """The limits of a call: `seconds` of CPU time, and `megabytes` of memory for the whole process."""

    seconds: float = 60.0
    megabytes: float = 2048


class Workers:
    """A pool of at most `count` processes, which are started on demand; with 0, calls run in this process.

    Functions and arguments have to be picklable. The processes end with this one, however it ends.
    """

    def __init__(self, count: int, bounds: Bounds) -> None:
        self._count = count
        self._bounds = bounds
        self._closed = Event()
        self._is_watched = False
        self._lock = Lock()  # for the next two, which threads share
        self._all: set[_Worker] = set()
        self._free: list[_Worker] = []
        # A thread per process talks to it over blocking pipes, because Scrapy's event loop cannot wait for pipes on
        # Windows. The threads also start the next call in order without waiting for the loop, which is busy.
        self._threads = ThreadPoolExecutor(max(count, 1), thread_name_prefix="worker")

    async def __call__(self, size: int, function: Callable[..., T], *arguments: Any) -> T | Trouble:
        """Runs a function, and returns its result, or the trouble that ended its process; raises what it raises.

        `size` is the number of bytes that it works on; small calls run in this process.
        """
        if self._count == 0 or size < SMALL:
            return function(*arguments)
        taken: list[_Worker] = []
        call = asyncio.get_running_loop().run_in_executor(self._threads, self._call, taken, function, arguments)
        try:
            return await call
        except asyncio.CancelledError:  # the answer is no longer wanted
            for worker in taken:
                worker.kill()
            raise

    def close(self) -> None:
        """Kills all processes; no call is possible after this."""
        with self._lock:
            self._closed.set()
            for worker in self._all:
                worker.kill()
        self._threads.shutdown(cancel_futures=True)
        for worker in self._all:
            worker.reap()
        self._all.clear()
        self._free.clear()

    def _watch(self) -> None:
        """Kills processes that should have ended by themselves; runs in a thread until the pool is closed."""
        while not self._closed.wait(_LOOK):
            with self._lock:
                for worker in self._all:
                    if worker.is_overdue():
                        worker.kill()

    def _call(self, taken: list[_Worker], function: Callable[..., T], arguments: tuple[Any, ...]) -> T | Trouble:
        """Runs a call in one of the threads; the process used is appended to `taken`, so that it can be killed."""
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
                if worker.is_usable():
                    return worker
                self._discard(worker)
            is_first = not self._is_watched
            if is_first:
                self._is_watched = True
                Thread(target=self._watch, name="workers", daemon=True).start()
            worker = _Worker(self._bounds, warns=is_first)
            self._all.add(worker)
            return worker

    def _give_back(self, worker: _Worker) -> None:
        with self._lock:
            if worker.is_free:  # whether it is still alive is checked when it is taken
                self._free.append(worker)
            elif not self._closed.is_set():
                self._discard(worker)

    def _discard(self, worker: _Worker) -> None:
        worker.kill()
        worker.reap()
        self._all.discard(worker)


class _Worker:
    """One process, which runs one call at a time."""

    def __init__(self, bounds: Bounds, *, warns: bool) -> None:
        command = [sys.executable, "-P", "-m", "fetcher.workers.worker", *map(str, bounds), *["warns"] * warns]
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
        """Whether it is idle and may run further calls."""
        return self._is_idle and self._calls < _CALLS

    def is_usable(self) -> bool:
        """Whether it is free and alive."""
        return self.is_free and self._process.poll() is None

    def is_overdue(self) -> bool:
        """Whether a call runs for so long that the process should have ended itself."""
        return not self._is_idle and time.monotonic() - self._began > self._wait + _GRACE

    def call(self, function: Callable[..., T], arguments: tuple[Any, ...]) -> T | Trouble:
        """Runs a call as `Workers` does, and blocks the thread until it ends."""
        call = pickled_call(function, arguments)
        self._began = time.monotonic()
        self._calls += 1
        self._is_idle = False
        try:
            is_done, value = self._exchange(call)
        except (EOFError, OSError, pickle.UnpicklingError):  # the pipe broke
            return self._ended(time.monotonic() - self._began)
        self._is_idle = True
        if not is_done:
            raise value
        return cast("T", value)

    def kill(self) -> None:
        """Kills the process, which also ends a call that waits for its answer."""
        self._process.kill()

    def reap(self) -> None:
        """Waits for the killed process, so that it does not stay a zombie."""
        with suppress(BrokenPipeError), self._process:  # closing flushes what was not sent
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


def pickled_call(function: Callable[..., object], arguments: tuple[object, ...]) -> list[memoryview]:
    """A call as it is sent: the pickle, followed by the bodies of answers in it, which are not copied (PEP 574)."""
    bodies: list[pickle.PickleBuffer] = []
    call = pickle.dumps((function, arguments), protocol=5, buffer_callback=bodies.append)
    return [memoryview(call), *(body.raw() for body in bodies)]
