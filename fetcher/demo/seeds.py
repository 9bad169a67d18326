"""The example seeds, put where a run can refresh them."""

from __future__ import annotations

from pathlib import Path

_SEEDS = Path(__file__).parent / "data" / "seeds"
_ADDRESS = "http://library.example"  # reserved for examples (RFC 2606); stands for wherever the site is served


def copy(folder: Path, address: str) -> int:
    """The number of seeds that were copied into the new folder, with the site's address in their `source_url`."""
    folder.mkdir(parents=True)
    files = sorted(_SEEDS.glob("*.md"))
    for file in files:
        text = file.read_bytes().replace(f"{_ADDRESS}/".encode(), f"{address}/".encode(), 1)
        (folder / file.name).write_bytes(text)
    return len(files)
