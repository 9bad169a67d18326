"""Timers of requests that ended do not gather."""

import subprocess
import sys

from tests.conftest import PATIENCE

SCRIPT = """
import gc
from scrapy.utils.reactor import install_reactor
install_reactor("twisted.internet.asyncioreactor.AsyncioSelectorReactor")
from twisted.internet import reactor
from twisted.internet.base import DelayedCall
from fetcher.timers import Timers

def kept():
    return sum(isinstance(each, DelayedCall) for each in gc.get_objects())

Timers.EVERY = 0.05
timers = Timers()

def request():
    for _ in range(1000):
        reactor.callLater(60, print).cancel()
    reactor.callLater(60, print)  # of one that is under way

def look():
    print(before, kept(), flush=True)
    timers.spider_closed()
    timers.spider_closed()  # as where the engine never started
    reactor.stop()

timers.engine_started()
request()
before = kept()
reactor.callLater(0.2, look)
reactor.run()
"""


def test_cancelled_timers_are_forgotten_before_their_time() -> None:
    done = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=True, timeout=PATIENCE)
    before, after = map(int, done.stdout.split())
    assert before > 1000
    assert after < 10
