"""`scrapy refuse`: marks held-back differences that no report should list again."""

from __future__ import annotations

from typing import ClassVar

from fetcher.commands import accept


class Command(accept.Command):
    """Records that held-back differences of a seed are refused; without IDs, lists those that are pending."""

    word: ClassVar[str] = "refuse"
    done: ClassVar[str] = "Refused"
