"""The process that `workers` starts: does one call after another, until nobody tells it of any more."""

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
"""The exit status of a process whose call took more than it may have."""


OUT_OF_TIME = getattr(signal, "SIGPROF", 0)
"""The signal that ends a process whose call worked for longer than it may; 0 on Windows, which counts no work."""

# Objects more than before a collection. A page makes hardly so many, and leaves few circles of them, but these hold
# trees of some megabytes: they are looked for between calls, when next to nothing else is there.
_YOUNG = 200_000
_ALL_BUT_OLD = 1  # generations

WAIT = 10
"""Times as long as a call may work it may take, on a busy machine."""


def main(seconds: float, megabytes: float, tells: bool = False) -> None:
    """Do calls that come by standard input, and answer by standard output; each may take so much.

    `tells`: say on standard error where the system cannot bound the memory. One process of a run says it for all.
    """
    gc.set_threshold(_YOUNG)
    # Who presses Ctrl-C, or stops a service with all its processes, wants the run to end in order: its main process
    # does that, and this one's calls are part of it.
    for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT"):
        if hasattr(signal, name):  # Windows lacks the last two
            signal.signal(getattr(signal, name), signal.SIG_IGN)
    if OUT_OF_TIME:
        faulthandler.register(OUT_OF_TIME, file=2, chain=True)
    if not _bound_memory(round(megabytes * 1024 * 1024)) and tells:
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
    """Let this process work for so many seconds from now on, which may take `WAIT` times as long; 0 lifts the bound.

    What is over time is ended from outside of the interpreter, which may be deep in a library, and says where it was.
    """
    if OUT_OF_TIME:
        signal.setitimer(signal.ITIMER_PROF, seconds)
    if seconds:
        faulthandler.dump_traceback_later(seconds * WAIT, exit=True, file=2)
    else:
        faulthandler.cancel_dump_traceback_later()


def _receive(incoming: IO[bytes], calls: SimpleQueue[list[bytes]]) -> None:
    """Hand on calls, and end this process when the main one has: at once, whatever it is at."""
    try:
        while True:
            sizes = pickle.load(incoming)  # noqa: S301  # from the main process
            calls.put([incoming.read(size) for size in sizes])
    except MemoryError:
        os._exit(OUT_OF_MEMORY)
    finally:
        os._exit(0)


def _answer(call: list[bytes]) -> bytes:
    """Whether a call (`workers.packed`) came to its end, and what it returned or raised, for `workers` to read."""
    try:
        function, arguments = pickle.loads(call[0], buffers=call[1:])  # noqa: S301  # as above
        return pickle.dumps((True, function(*arguments)))
    except (MemoryError, SystemError):  # or C code that got none and did not say so; what is left is in pieces
        os._exit(OUT_OF_MEMORY)
    except Exception as error:  # to be raised where the call came from
        return pickle.dumps((False, _sendable(error)))


def _sendable(error: Exception) -> Exception:
    """The error with its traceback as a note; or one that says the same, where it cannot be sent."""
    import traceback  # noqa: PLC0415  # for bugs alone

    told = "".join(traceback.format_exception(error))
    try:
        copy: Exception = pickle.loads(pickle.dumps(error))  # noqa: S301  # our own
    except Exception:
        copy = RuntimeError(f"{type(error).__name__}: {error}")
    copy.add_note(told)
    return copy


def _pipes() -> tuple[IO[bytes], IO[bytes]]:
    """Standard input and output for calls alone: whatever else prints goes to standard error."""
    calls, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(2, 1)
    return calls, answers


def _bound_memory(most: int) -> bool:
    """Whether this process has no more memory than so many bytes from now on."""
    try:
        import resource  # noqa: PLC0415  # Windows has none

        hard = resource.getrlimit(resource.RLIMIT_AS)[1]
        if hard == resource.RLIM_INFINITY or most < hard:
            resource.setrlimit(resource.RLIMIT_AS, (most, hard))
    except (ImportError, ValueError, OSError):  # macOS has the module, and refuses any bound with ValueError
        return False
    return True


if __name__ == "__main__":
    main(float(sys.argv[1]), float(sys.argv[2]), tells="tells" in sys.argv)
