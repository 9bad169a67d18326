"""The ceiling, to measure against: downloads the pages of a list of addresses with aiohttp, and does nothing else.

python -m tests.benchmarks.ceiling ADDRESSES CONCURRENCY
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from aiohttp import ClientSession, TCPConnector


async def download(urls: list[str], concurrency: int) -> None:
    """Download the pages, so many at a time."""
    waiting = iter(urls)
    async with ClientSession(connector=TCPConnector(limit=concurrency)) as session:

        async def worker() -> None:
            for url in waiting:
                async with session.get(url) as response:
                    await response.read()

        await asyncio.gather(*(worker() for _ in range(concurrency)))


if __name__ == "__main__":
    asyncio.run(download(Path(sys.argv[1]).read_text().split(), int(sys.argv[2])))
