"""The program of a worker process: runs calls from standard input one by one, until that is closed."""

from __future__ import annotations

import errno
import faulthandler
import gc
import os
import pickle
import signal
import sys
from queue import SimpleQueue
from threading import Thread
from typing import IO

OUT_OF_MEMORY = errno.ENOMEM
"""The exit status of a process whose call exceeded the memory limit."""


OUT_OF_TIME = getattr(signal, "SIGPROF", 0)
"""The signal that ends a process whose call exceeded its CPU time; 0 on Windows, which has no such timer."""

# New objects that trigger a garbage collection: more than a page usually makes. The few reference cycles it leaves hold
# trees of some megabytes, so they are collected between calls, when hardly anything else is in memory.
_YOUNG = 200_000
_ALL_BUT_OLD = 1  # generations

WAIT = 10
"""Elapsed time that a call may take on a busy machine, as a multiple of its CPU time."""


def main(seconds: float, megabytes: float, warns: bool = False) -> None:
    """Runs calls from standard input and answers on standard output; the limits are for each call.

    `warns`: say on standard error if the system cannot limit the memory. One process of a run says it for all.
    """
    gc.set_threshold(_YOUNG)
    # Ctrl-C, or the stop of a service, signals all processes. The main process then ends the run in order, and needs
    # this one for it.
    for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT"):
        if hasattr(signal, name):  # Windows lacks the last two
            signal.signal(getattr(signal, name), signal.SIG_IGN)
    if OUT_OF_TIME:
        for number in (OUT_OF_TIME, signal.SIGALRM):
            faulthandler.register(number, file=2, chain=True)
    if not _bound_memory(round(megabytes * 1024 * 1024)) and warns:
        sys.stderr.write("REFRESH_PAGE_MEMORY is not heeded: this system cannot bound the memory of a process.\n")
    incoming, answers = _pipes()
    calls: SimpleQueue[list[bytes]] = SimpleQueue()
    Thread(target=_receive, args=(incoming, calls), daemon=True).start()
    while True:
        call = calls.get()
        _bound_time(seconds)
        answer = _answer(call)
        _bound_time(0)
        answers.write(answer)
        answers.flush()
        del call, answer
        gc.collect(_ALL_BUT_OLD)


def _bound_time(seconds: float) -> None:
    """Limits the CPU time from now on to so many seconds, and the elapsed time to `WAIT` times that; 0 lifts the limit.

    A process over the limit prints its traceback and ends, even while it is inside C code. On Windows the main process
    kills it, a little later.
    """
    if OUT_OF_TIME:
        signal.setitimer(signal.ITIMER_PROF, seconds)
        signal.setitimer(signal.ITIMER_REAL, seconds * WAIT)


def _receive(incoming: IO[bytes], calls: SimpleQueue[list[bytes]]) -> None:
    """Queues incoming calls, and ends this process at once when the main process has ended."""
    try:
        while True:
            sizes = pickle.load(incoming)  # noqa: S301  # from the main process
            calls.put([incoming.read(size) for size in sizes])
    except MemoryError:
        os._exit(OUT_OF_MEMORY)
    finally:
        os._exit(0)


def _answer(call: list[bytes]) -> bytes:
    """The pickled answer to a call (`workers.pickled_call`): whether it returned, and its value or exception."""
    try:
        function, arguments = pickle.loads(call[0], buffers=call[1:])  # noqa: S301  # as above
        return pickle.dumps((True, function(*arguments)))
    except (MemoryError, SystemError):  # SystemError: C code ran out of memory and failed to say so
        os._exit(OUT_OF_MEMORY)
    except Exception as error:  # raised again in the main process
        return pickle.dumps((False, _sendable(error)))


def _sendable(error: Exception) -> Exception:
    """The error with its traceback as a note, or a RuntimeError with its message if it cannot be pickled."""
    import traceback  # noqa: PLC0415  # needed for bugs only

    told = "".join(traceback.format_exception(error))
    try:
        copy: Exception = pickle.loads(pickle.dumps(error))  # noqa: S301  # our own
    except Exception:
        copy = RuntimeError(f"{type(error).__name__}: {error}")
    copy.add_note(told)
    return copy


def _pipes() -> tuple[IO[bytes], IO[bytes]]:
    """Standard input and output, reserved for calls: other output goes to standard error."""
    calls, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(2, 1)
    return calls, answers


def _bound_memory(most: int) -> bool:
    """Limits the memory of this process, if the system supports that; returns whether it does."""
    try:
        import resource  # noqa: PLC0415  # Windows has none

        hard = resource.getrlimit(resource.RLIMIT_AS)[1]
        if hard == resource.RLIM_INFINITY or most < hard:
            resource.setrlimit(resource.RLIMIT_AS, (most, hard))
    except (ImportError, ValueError, OSError):  # macOS has the module, and refuses any bound with ValueError
        return False
    return True


if __name__ == "__main__":
    main(float(sys.argv[1]), float(sys.argv[2]), warns="warns" in sys.argv)
