"""What takes time is done by other processes, in order, within bounds; no end of theirs, or of the run's, is lost."""

from __future__ import annotations

import asyncio
import operator
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from weakref import WeakSet

import psutil
import pytest

from fetcher.terms import reading_failures
from fetcher.visits.fetched import Fetched
from fetcher.workers import worker
from fetcher.workers.workers import SMALL, Bounds, Workers, pickled_call
from tests.conftest import PATIENCE, ROOT, wait_for, words_of

if TYPE_CHECKING:
    from collections.abc import Iterator

LARGE = SMALL
URL = "https://example.org/"
Start = Callable[..., Workers]
QUICK = Bounds(seconds=2)  # enough for what takes no time, on a busy machine too
BRIEF = Bounds(seconds=0.2)  # of work, for calls that do none


def processes() -> set[psutil.Process]:
    """Those of workers: the server that other tests fork from may be a child of this process as well."""
    return {child for child in psutil.Process().children() if "fetcher.workers.worker" in words_of(child)}


@pytest.fixture
def start() -> Iterator[Callable[..., Workers]]:
    others = set(psutil.Process().children())
    started: list[Workers] = []

    def one(count: int = 1, bounds: Bounds | None = None) -> Workers:
        started.append(Workers(count, bounds or Bounds()))
        return started[-1]

    yield one
    for workers in started:
        workers.close()
    assert set(psutil.Process().children()) <= others  # none runs, and none is a zombie


def do(workers: Workers, *calls: tuple[Any, ...], size: int = LARGE) -> list[Any]:
    async def all_of_them() -> list[Any]:
        return list(await asyncio.gather(*(workers(size, *call) for call in calls), return_exceptions=True))

    return asyncio.run(all_of_them())


def answer(body: bytes) -> Fetched:
    return Fetched(status=200, url=URL, final_url=URL, headers={}, body=body, when=datetime(2026, 1, 1, tzinfo=UTC))


def test_the_body_of_an_answer_comes_whole_and_is_not_copied_to_be_sent(start: Start) -> None:
    bodies = [bytes(1_000_000), b"", b"a page"]
    call, *sent = pickled_call(len, (answer(bodies[0]),))
    assert len(call) < 1000
    assert sent == bodies[:1]
    assert sent[0].obj is bodies[0]
    came = do(start(), *((operator.attrgetter("body"), answer(body)) for body in bodies))
    assert came == bodies
    assert {type(body) for body in came} == {bytes}


def test_a_call_is_done_in_another_process_which_does_the_next_one_too(start: Start) -> None:
    workers = start()
    first, second = *do(workers, (os.getpid,)), *do(workers, (os.getpid,))
    assert first == second != os.getpid()


def test_small_work_is_done_here_and_so_is_all_without_processes(start: Start) -> None:
    assert do(start(), (os.getpid,), size=SMALL - 1) == [os.getpid()]
    assert do(start(0), (os.getpid,)) == [os.getpid()]


def test_there_are_as_many_processes_as_calls_at_a_time_and_no_more_than_asked_for(start: Start) -> None:
    workers = start(2)
    do(workers, (os.getpid,))
    assert len(processes()) == 1
    do(workers, *[(time.sleep, 0.1)] * 6)
    assert len(processes()) == 2


def test_calls_are_done_in_order_of_arrival(start: Start) -> None:
    times = do(start(), *[(time.monotonic_ns,)] * 20)
    assert times == sorted(times)


def test_what_a_call_raises_is_raised_here_with_where_it_was_raised(start: Start) -> None:
    workers = start()
    for call, kind in (((int, "x"), ValueError), ((operator.truediv, 1, 0), ZeroDivisionError)):
        (error,) = do(workers, call)
        assert type(error) is kind
        assert "Traceback" in error.__notes__[0]


def test_a_call_without_end_is_ended_and_the_next_one_is_done(start: Start) -> None:
    workers = start(bounds=QUICK)
    deep_in_a_library = (re.match, "(a+)+$", "a" * 60 + "b")  # which does not let other threads of it run
    assert do(workers, deep_in_a_library, (len, "abc")) == [reading_failures.hung(QUICK.seconds), 3]


def test_a_call_that_only_waits_has_ten_times_as_long_so_that_a_busy_machine_ends_none(start: Start) -> None:
    workers = start(bounds=BRIEF)
    late = reading_failures.hung(BRIEF.seconds)
    assert do(workers, (time.sleep, 2 * BRIEF.seconds), (time.sleep, 3600), (len, "abc")) == [None, late, 3]


def test_a_process_that_does_not_even_end_itself_is_killed(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fetcher.workers.workers._GRACE", 0.5)
    workers = start(bounds=BRIEF)
    (pid,) = do(workers, (os.getpid,))
    os.kill(pid, signal.SIGSTOP)
    assert do(workers, (len, "abc"), (len, "ab")) == [reading_failures.hung(BRIEF.seconds), 2]


def test_a_call_that_takes_too_much_memory_fails_alone(start: Start) -> None:
    workers = start(bounds=Bounds(megabytes=300))
    assert do(workers, (bytes, 400_000_000), (len, "abc")) == [reading_failures.MEMORY, 3]


def _refused(*_: object) -> None:
    raise ValueError("current limit exceeds maximum limit")


def test_a_system_that_cannot_bound_memory_goes_on_without(monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as macos:
        macos.setattr("resource.setrlimit", _refused)
        assert not worker._bound_memory(2**40)
    with monkeypatch.context() as windows:
        windows.setitem(sys.modules, "resource", None)
        assert not worker._bound_memory(2**40)


def test_one_process_of_all_says_what_the_system_cannot_do(start: Start) -> None:
    workers = start(2)
    do(workers, *[(time.sleep, 2)] * 2)
    assert sorted("warns" in process.cmdline() for process in processes()) == [False, True]


def fail_in_c() -> None:
    """What `re` does where it gets no memory for what it has found."""
    raise SystemError("error return without exception set")


def test_c_code_that_fails_without_a_word_had_no_memory(start: Start) -> None:
    assert do(start(), (fail_in_c,), (len, "abc")) == [reading_failures.MEMORY, 3]


def test_a_process_that_is_killed_fails_its_call_alone(start: Start) -> None:
    workers = start(2)
    killed, other, later = do(workers, (signal.raise_signal, signal.SIGKILL), (len, "abc"), (len, "ab"))
    assert (killed, other, later) == (reading_failures.died(-9), 3, 2)
    assert killed.reason == "died"


def test_a_process_that_is_killed_while_it_waits_fails_no_call(start: Start) -> None:
    workers = start()
    (pid,) = do(workers, (os.getpid,))
    os.kill(pid, signal.SIGKILL)
    wait_for(lambda: os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None)
    assert do(workers, (len, "abc")) == [3]


def test_a_process_that_is_killed_before_it_has_all_of_a_call_fails_that_call_alone(start: Start) -> None:
    workers = start()
    (pid,) = do(workers, (os.getpid,))
    os.kill(pid, signal.SIGSTOP)
    threading.Timer(0.3, os.kill, (pid, signal.SIGKILL)).start()
    assert do(workers, (len, "a" * 5_000_000), (len, "abc")) == [reading_failures.died(-9), 3]


def test_a_process_that_dies_just_before_its_call_is_seen_to_be_dead(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    workers = start()
    (pid,) = do(workers, (os.getpid,))
    os.kill(pid, signal.SIGKILL)
    wait_for(lambda: os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None)
    with monkeypatch.context() as patched:
        patched.setattr("fetcher.workers.workers._Worker.is_usable", lambda _: True)
        assert do(workers, (len, "abc")) == [reading_failures.died(-9)]
    assert do(workers, (len, "ab")) == [2]


def test_what_stops_a_whole_group_of_processes_lets_a_call_come_to_its_end(start: Start) -> None:
    workers = start()
    (pid,) = do(workers, (os.getpid,))
    for signum in (signal.SIGINT, signal.SIGTERM):
        threading.Timer(0.1, os.kill, (pid, signum)).start()
    assert do(workers, (time.sleep, 0.5), (os.getpid,)) == [None, pid]


def test_a_process_is_replaced_before_what_it_leaks_adds_up(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fetcher.workers.workers._CALLS", 3)
    assert len(set(do(start(), *[(os.getpid,)] * 9))) == 3


class Circle:
    """What only a collection takes away."""

    def __init__(self) -> None:
        self.itself = self
        _CIRCLES.add(self)


_CIRCLES: WeakSet[Circle] = WeakSet()


def circles() -> int:
    return len(_CIRCLES)


def test_what_a_call_leaves_is_gone_before_the_next(start: Start) -> None:
    workers = start()
    do(workers, (Circle,))
    assert do(workers, (circles,)) == [0]


def test_what_prints_does_not_disturb_the_answers(start: Start) -> None:
    assert do(start(), (print, "x" * 100_000), (os.write, 1, b"x"), (len, "abc")) == [None, 1, 3]


async def under_way() -> None:
    """Return when a process is at work."""
    while not processes():
        await asyncio.sleep(0.01)
    await asyncio.sleep(0.1)


def test_closing_ends_calls_under_way(start: Start) -> None:
    workers = start()

    async def stopped() -> Any:
        call = asyncio.ensure_future(workers(LARGE, time.sleep, 3600))
        await under_way()
        workers.close()
        return await call

    assert asyncio.run(stopped()).reason == "died"


def test_a_call_that_nobody_waits_for_any_more_is_ended(start: Start) -> None:
    workers = start()

    async def given_up() -> Any:
        call = asyncio.ensure_future(workers(LARGE, time.sleep, 3600))
        await under_way()
        call.cancel()
        return await workers(LARGE, len, "abc")

    assert asyncio.run(given_up()) == 3


@pytest.mark.parametrize(
    ("call", "seconds"), [("os.getpid", 600), ("time.sleep, 600", 600), ("re.match, '(a+)+$', 'a' * 60 + 'b'", 1)]
)
def test_none_is_left_when_the_main_process_is_killed(call: str, seconds: float) -> None:
    program = f"""
import asyncio, os, re, time
from fetcher.workers import worker
from fetcher.workers.workers import Bounds, Workers
async def main():
    workers = Workers(1, Bounds(seconds={seconds}))
    print(await workers({LARGE}, os.getpid), flush=True)
    await workers({LARGE}, {call})
    time.sleep(600)
asyncio.run(main())
"""
    with subprocess.Popen([sys.executable, "-c", program], cwd=ROOT, stdout=subprocess.PIPE) as main:
        assert main.stdout
        worker = psutil.Process(int(main.stdout.readline()))
        main.kill()
    worker.wait(timeout=PATIENCE)
