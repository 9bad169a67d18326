"""Texts kept on disk under a name each and given back sorted by name: what a long run gathers without memory."""

import tempfile
from collections.abc import Iterator
from pathlib import Path


class Spool:
    """Texts in a file without a name, which is gone with the process however that ends; memory holds their places."""

    def __init__(self, folder: Path) -> None:
        self._file = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115  # closed with the spool
        self._places: dict[str, tuple[int, int]] = {}
        self._end = 0

    def add(self, name: str, text: str) -> None:
        """Keeps a text under a name; ValueError where that name has one already."""
        if name in self._places:
            raise ValueError(f"{name} has its text already")
        data = text.encode()
        self._file.seek(self._end)
        self._file.write(data)
        self._places[name] = (self._end, len(data))
        self._end += len(data)

    def __iter__(self) -> Iterator[str]:
        return map(self.__getitem__, self.names())

    def names(self) -> list[str]:
        """The names, sorted."""
        return sorted(self._places)

    def __contains__(self, name: str) -> bool:
        return name in self._places

    def __getitem__(self, name: str) -> str:
        start, length = self._places[name]
        self._file.seek(start)
        return self._file.read(length).decode()

    def close(self) -> None:
        """Forgets all texts."""
        self._file.close()
