"""Submits shards to workers of dask.distributed, and again if a worker is lost."""

from __future__ import annotations

import logging
import signal
import uuid
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from distributed import Client, KilledWorker, LocalCluster, Security, as_completed, get_worker

from fetcher.fleet import shard
from fetcher.fleet.shard import Done, Job, ShardError
from fetcher.memory import fingerprint

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from distributed import Future

    from fetcher.terms.arguments import Shard

_PATIENCE = 30.0  # seconds to wait for the scheduler, and for its first worker
_RETRIES = 2  # retries of a shard that failed, on a full disk, say; the scheduler itself counts lost workers
_AHEAD = 2  # shards submitted for each thread: enough to keep it busy, and few in memory


class FleetError(RuntimeError):
    """The workers cannot be used; the message is for the user."""


@contextmanager
def local(workers: int) -> Iterator[Client]:
    """A client of worker processes on this machine, which end with the block."""
    with _deaf():
        # The run's own settings limit the memory: dask does not see a worker's child processes.
        cluster = LocalCluster(
            n_workers=workers,
            threads_per_worker=1,
            memory_limit=0,
            dashboard_address=None,
            silence_logs=logging.CRITICAL,
        )
    with cluster, Client(cluster) as client:
        yield client


@contextmanager
def _deaf() -> Iterator[None]:
    """Processes started in the block ignore Ctrl-C, which a terminal sends to all: it is for the coordinator."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


@contextmanager
def remote(scheduler: str, tls: dict[str, str]) -> Iterator[Client]:
    """A client of a scheduler; `tls` are arguments of `Security`. Raises FleetError if there is no answer."""
    security = Security(require_encryption=True, **tls) if tls else None
    try:
        client = Client(scheduler, security=security, timeout=_PATIENCE)
    except (OSError, ValueError, TypeError) as error:  # the last is for tls:// without certificates
        raise FleetError(f"there is no scheduler at {scheduler} ({error})") from error
    with client:
        yield client


def check(client: Client) -> None:
    """Raises FleetError if there is no worker, or one has another version of this program."""
    try:
        client.wait_for_workers(1, timeout=_PATIENCE)
    except TimeoutError as error:
        raise FleetError(f"no worker has come within {_PATIENCE:.0f} seconds") from error
    codes = client.run(fingerprint.of_code, on_error="return")
    others = sorted(worker for worker, code in codes.items() if code != fingerprint.of_code())
    if others:
        reason = next((f" ({codes[worker]})" for worker in others if isinstance(codes[worker], Exception)), "")
        raise FleetError(
            f"{', '.join(others)} cannot take part: this program, and the packages that it reads pages with,"
            f" must have the same version on every machine{reason}"
        )


def results(client: Client, jobs: Iterable[Job]) -> Iterator[tuple[Shard, Done | ShardError]]:
    """Yields the result of each job as it ends; jobs are taken from the iterable when there is room."""
    waiting = iter(jobs)
    running: dict[Future[Done], Shard] = {}
    ended = as_completed([], raise_errors=False)
    try:
        _hand_out(client, waiting, running, ended)
        for future in ended:
            yield running.pop(future), _outcome(future)
            future.release()
            _hand_out(client, waiting, running, ended)
    finally:
        client.cancel(list(running), force=True)  # no longer wanted


def _hand_out(client: Client, jobs: Iterator[Job], running: dict[Future[Done], Shard], ended: as_completed) -> None:
    room = _AHEAD * max(1, sum(client.nthreads().values())) - len(running)
    for job in islice(jobs, max(0, room)):
        # The key is unique, so that the scheduler does not reuse the result of another run.
        future = client.submit(_run, job, key=f"shard {job.shard} {uuid.uuid4()}", pure=False, retries=_RETRIES)
        running[future] = job.shard
        ended.add(future)


def _run(job: Job) -> Done:
    worker = get_worker()
    key = worker.get_current_task()

    def wanted() -> bool:
        # If a task is cancelled, or its coordinator is gone, its state changes; there is no other notification.
        task = worker.state.tasks.get(key)
        return task is not None and task.state == "executing"

    # Dask cleans up the folder of a killed worker.
    return shard.run(job, Path(worker.local_directory), wanted)


def _outcome(future: Future[Done]) -> Done | ShardError:
    try:
        done: Done = future.result()
    except KilledWorker:
        return ShardError("all the workers that began it died")
    except ShardError as error:
        return error
    except Exception as error:  # whatever a worker raises, or the loss of the scheduler
        return ShardError(f"{type(error).__name__}: {error}")
    return done
