"""What each importer makes of pages: the importers are installed into a work folder, and run there."""

import contextlib
import hashlib
import json
import shutil
import subprocess
import sys
import venv
from collections.abc import Iterable, Mapping
from pathlib import Path

_HERE = Path(__file__).parent


class Importers:
    """The importers that can be had; `names` tells which, `missing` which cannot."""

    def __init__(self, work: Path) -> None:
        self.work = work
        self._commands = {"convert.py": [str(work / "venv/bin/python"), str(_HERE / "convert.py")]}
        if shutil.which("node"):
            shutil.copy(_HERE / "convert.mjs", work)
            self._commands["convert.mjs"] = ["node", str(work / "convert.mjs")]
        self._owner: dict[str, list[str]] = {}
        self.missing: list[str] = []
        for command in self._commands.values():
            done = subprocess.run([*command, "--list"], capture_output=True, text=True, check=True, cwd=work)
            for name, here in json.loads(done.stdout.splitlines()[-1]).items():
                if here:
                    self._owner[name] = command
                else:
                    self.missing.append(name)
        self.names = list(self._owner)

    def bodies(self, name: str, pages: Iterable[tuple[str, str]]) -> list[str | None]:
        """The bodies that an importer makes of pages (address, HTML), None where it fails; remembered on disk."""
        pages = list(pages)
        asked = list(dict.fromkeys(pages))
        kept = self.work / "bodies" / f"{hashlib.sha256(name.encode()).hexdigest()[:16]}.json"
        known: dict[str, str | None] = json.loads(kept.read_text()) if kept.exists() else {}
        new = [page for page in asked if _key(page) not in known]
        if new:
            lines = "".join(json.dumps([name, url, html]) + "\n" for url, html in new)
            done = subprocess.run(
                self._owner[name], input=lines, capture_output=True, text=True, check=False, cwd=self.work
            )
            made = done.stdout.splitlines()
            known |= {_key(page): json.loads(line) for page, line in zip(new, made, strict=False)}
            kept.parent.mkdir(exist_ok=True)
            kept.write_text(json.dumps(known))
        return [known.get(_key(page)) for page in pages]


def _key(page: tuple[str, str]) -> str:
    return hashlib.sha256("\n".join(page).encode("utf-8", "surrogatepass")).hexdigest()


def install(work: Path) -> None:
    """Bring the pinned importers into the work folder; what cannot be had is missed later, by name."""
    work.mkdir(parents=True, exist_ok=True)
    if not (work / "venv").exists():
        venv.create(work / "venv", with_pip=True)
        pip = [str(work / "venv/bin/python"), "-m", "pip", "install", "-q"]
        for line in (_HERE / "requirements.txt").read_text().split():
            _try([*pip, line], work)
    if not (work / "node_modules").exists() and shutil.which("npm"):
        packages: Mapping[str, str] = json.loads((_HERE / "package.json").read_text())["dependencies"]
        (work / "package.json").write_text((_HERE / "package.json").read_text())
        _try(["npm", "install", "--no-audit", "--no-fund", "--silent", *map("@".join, packages.items())], work)


def _try(command: list[str], work: Path) -> None:
    with contextlib.suppress(OSError):
        done = subprocess.run(command, cwd=work, capture_output=True, text=True, check=False)
        if done.returncode:
            sys.stderr.write(f"could not be had: {command[-1]}\n")
