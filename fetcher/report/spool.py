"""Texts kept on disk under a name each and given back sorted by name: what a long run gathers without memory."""

import struct
import tempfile
from collections.abc import Iterator
from pathlib import Path

_LENGTH = struct.Struct("<Q")


class Spool:
    """Texts in a file without a name, which is gone with the process however that ends; memory holds their places."""

    def __init__(self, folder: Path) -> None:
        self._file = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115  # closed with the spool
        self._places: dict[str, int] = {}  # where each text begins: with its length, which is no part of memory
        self._end = 0

    def add(self, name: str, text: str) -> None:
        """Keeps a text under a name; ValueError where that name has one already."""
        if name in self._places:
            raise ValueError(f"{name} has its text already")
        data = text.encode()
        self._file.seek(self._end)
        self._file.write(_LENGTH.pack(len(data)) + data)
        self._places[name] = self._end
        self._end = self._file.tell()

    def __iter__(self) -> Iterator[str]:
        return map(self.__getitem__, self.names())

    def names(self) -> list[str]:
        """The names, sorted."""
        return sorted(self._places)

    def __contains__(self, name: str) -> bool:
        return name in self._places

    def __getitem__(self, name: str) -> str:
        self._file.seek(self._places[name])
        (length,) = _LENGTH.unpack(self._file.read(_LENGTH.size))
        return self._file.read(length).decode()

    def close(self) -> None:
        """Forgets all texts."""
        self._file.close()
