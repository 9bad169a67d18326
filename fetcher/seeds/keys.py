"""Under which keys of the front matter a folder's files have the address of their page, and its stamp."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Container


class Keys(NamedTuple):
    """Names in order of preference: of each file, the first that is there counts; what is new gets the first of all."""

    url: tuple[str, ...] = ("source_url",)
    stamp: tuple[str, ...] = ("fetched_at",)

    def url_in(self, fields: Container[str]) -> str:
        """The key that has the address; empty where there is none."""
        return next((key for key in self.url if key in fields), "")

    def stamp_in(self, fields: Container[str]) -> str:
        """The key that has the stamp, or is to have it."""
        return next((key for key in self.stamp if key in fields), self.stamp[0])


USUAL = Keys()
"""The keys of a folder whose owner says nothing else."""
