#!/usr/bin/env python3
"""Measures the project on the cases and pages at ../shared, and ends with status 1 where it has become worse.

    .venv/bin/python .ci/gates.py [cases] [replay] [deploys]      # all of them, if none is named
    .venv/bin/python .ci/gates.py --update [cases] ...            # the same, and keeps what has become better

What may not be lost stands in two files beside this one: `cases.txt` has the ids of the cases that are right, and
`bounds.toml` the figures of the replays. An update only adds cases and tightens figures; to give something up, edit the
file by hand and say why in the commit's message.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tomllib
from pathlib import Path

import tomlkit

HERE = Path(__file__).parent
DATA = HERE.parent.parent / "shared"
CASES, BOUNDS = HERE / "cases.txt", HERE / "bounds.toml"
SAMPLE = "40"  # of each label; chosen by the tool with a fixed seed
MODES = ("stored", "fresh")
SMALLER_IS_BETTER = ("false_change", "noise_lines", "overwritten", "stamp_errors", "errors_logged")
LARGER_IS_BETTER = ("recall", "precision", "fidelity", "exact", "line_recall", "line_precision")
HEAD = "# What each replay has to reach: .ci/gates.py compares, and tightens with --update.\n"

Figures = dict[str, float]


def fallen(listed: set[str], wrong: set[str]) -> list[str]:
    """The cases that were right and are not any more."""
    return sorted(listed & wrong)


def missed(bounds: Figures, figures: Figures) -> list[str]:
    """The figures that are worse than their bounds, as sentences."""
    return [
        f"{name} is {figures.get(name)}, its bound {bound}"
        for name, bound in bounds.items()
        if name not in figures or _better(name, bound, figures[name])
    ]


def tightened(bounds: Figures, figures: Figures) -> Figures:
    """The bounds with every figure that is better than its own, and those that had none."""
    return {
        name: bounds[name] if name in bounds and not _better(name, figure, bounds[name]) else figure
        for name, figure in figures.items()
    }


def _better(name: str, one: float, other: float) -> bool:
    return one < other if name in SMALLER_IS_BETTER else one > other


def as_toml(text: str, bounds: dict[str, Figures]) -> str:
    """The text of the file of bounds with these; its comments stay, as they are the reasons."""
    document = tomlkit.parse(text)
    for name, figures in bounds.items():
        table = document.setdefault(name, tomlkit.table())
        for key, value in figures.items():
            if table.get(key) != value:
                table[key] = value
    return tomlkit.dumps(document)


def check_cases(*, update: bool) -> list[str]:
    """What is worse than before, as sentences; says what is better."""
    lines = [line for file in (DATA / "cases").glob("*.jsonl") for line in file.read_text().split("\n")]
    ids = {json.loads(line)["id"] for line in lines if line.strip()}
    said = _run("cases.py", str(DATA / "cases"))
    wrong = {line.partition(":")[0] for line in said.splitlines() if not line.startswith("{")}
    listed = set(CASES.read_text().split()) if CASES.exists() else set()
    right = ids - wrong
    _say(f"{len(right)} of {len(ids)} cases are right")
    if update:
        CASES.write_text("".join(f"{name}\n" for name in sorted(listed & ids | right)))
    elif new := sorted(right - listed):
        _say("\n    ".join([f"{len(new)} of them are new; `.ci/gates.py --update cases` adds them:", *new]))
    return [f"case {name} was right before" for name in fallen(listed, wrong)]


def check_replay(data: str, *, update: bool) -> list[str]:
    """What is worse than before, as sentences; says what the figures are."""
    bounds: dict[str, Figures] = tomllib.loads(BOUNDS.read_text()) if BOUNDS.exists() else {}
    worse = []
    for mode in MODES:
        name = f"{data}-{mode}"
        said = json.loads(_run("replay.py", "--data", str(DATA / data), "--mode", mode, "--sample", SAMPLE))
        figures = {key: said[key] for key in SMALLER_IS_BETTER + LARGER_IS_BETTER if said[key] is not None}
        _say(f"{name}: " + ", ".join(f"{key} {value}" for key, value in figures.items()))
        worse += [f"{name}: {sentence}" for sentence in missed(bounds.get(name, {}), figures)]
        bounds[name] = tightened(bounds.get(name, {}), figures)
    if update:
        BOUNDS.write_text(as_toml(BOUNDS.read_text() if BOUNDS.exists() else HEAD, bounds))
    return worse


def _run(tool: str, *arguments: str) -> str:
    words = [sys.executable, str(DATA / "tools" / tool), *arguments]
    return subprocess.run(words, cwd=HERE.parent, stdout=subprocess.PIPE, text=True, check=True).stdout  # noqa: S603  # our own tools


def _say(sentence: str) -> None:
    sys.stdout.write(f"{sentence}\n")
    sys.stdout.flush()


def main() -> None:
    """Check what the command line names."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    gates = ("cases", "replay", "deploys")
    parser.add_argument("gates", nargs="*", metavar="gate", help=", ".join(gates))
    parser.add_argument("--update", action="store_true", help="keep what has become better")
    given = parser.parse_args()
    if unknown := sorted(set(given.gates) - set(gates)):
        parser.error(f"unknown gate {', '.join(unknown)}; known ones are {', '.join(gates)}")
    worse: list[str] = []
    for gate in given.gates or gates:
        worse += check_cases(update=given.update) if gate == "cases" else check_replay(gate, update=given.update)
    sys.exit("\n".join(worse) or 0)


if __name__ == "__main__":
    main()
