"""The examples for shards, on GitHub and in Kubernetes, do what they say: their own lines are run."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from fetcher.terms.arguments import shard_number
from tests.conftest import ROOT, Seeds
from tests.site import page

if TYPE_CHECKING:
    from tests.site import Site

EXAMPLES = ROOT / ".ci" / "examples"
GITHUB: dict[str, Any] = yaml.safe_load((EXAMPLES / "shards.yml").read_text())
KUBERNETES: list[dict[str, Any]] = list(yaml.safe_load_all((EXAMPLES / "kubernetes-job.yaml").read_text()))
QUICK = "from fetcher.settings import *\nDOWNLOAD_DELAY = 0\nAUTOTHROTTLE_ENABLED = False\n"
COUNT = 2


@pytest.fixture
def two(site: Site, tmp_path: Path) -> Seeds:
    """Two seeds, one in each of two shards, in a folder beside settings for tests."""
    (tmp_path / "quick.py").write_text(QUICK)
    (tmp_path / "here").mkdir()
    seeds = Seeds(tmp_path / "here" / "seeds")
    for number in range(1, COUNT + 1):
        host = next(
            h for h in (f"127.0.0.{n}" for n in range(1, 99)) if shard_number("", f"http://{h}", COUNT) == number
        )
        seeds.add(f"{number}.md", site.says("/", page(f"What page {number} says."), host=host))
    return seeds


def run(words: list[str], place: Path, **variables: str) -> None:
    environment = os.environ | {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": f"{ROOT}{os.pathsep}{place.parent}",
        "SCRAPY_SETTINGS_MODULE": "quick",
    }
    done = subprocess.run(words, cwd=place, env=environment | variables, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def script(job: str, step: str) -> list[str]:
    (found,) = [each["run"] for each in GITHUB["jobs"][job]["steps"] if each.get("name") == step]
    return ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", found]


def test_the_jobs_of_the_matrix_leave_what_one_run_would(two: Seeds, tmp_path: Path) -> None:
    if not shutil.which("git"):
        pytest.skip("there is no git here")
    whole = tmp_path / "whole"
    shutil.copytree(tmp_path / "here", whole)
    for number in range(1, COUNT + 1):
        place = tmp_path / f"job{number}"
        shutil.copytree(tmp_path / "here", place)
        run(
            script("shard", "Refresh"),
            place,
            SHARD=str(number),
            SHARDS=str(COUNT),
            SEEDS="seeds",
            CONTACT="a@b.example",
        )
        shutil.copytree(place / "reports", whole / "reports", dirs_exist_ok=True)
    assert "says" not in (whole / "seeds" / "1.md").read_text()
    subprocess.run(["git", "init", "-q"], cwd=whole, check=True)
    run(script("merge", "Merge"), whole, SEEDS="seeds", GITHUB_STEP_SUMMARY=str(tmp_path / "summary.md"))
    for number in range(1, COUNT + 1):
        assert (whole / "seeds" / f"{number}.md").read_text() == (
            tmp_path / f"job{number}" / "seeds" / f"{number}.md"
        ).read_text()
        assert f"What page {number} says." in (whole / "seeds" / f"{number}.md").read_text()
    assert f"{COUNT}" in (tmp_path / "summary.md").read_text()
    assert (whole / ".scrapy" / "refresh.sqlite").exists()
    assert two.texts()


def test_the_matrix_counts_its_jobs() -> None:
    job = GITHUB["jobs"]["shard"]
    numbers = job["strategy"]["matrix"]["shard"]
    assert numbers == list(range(1, len(numbers) + 1))
    (step,) = [step for step in job["steps"] if step.get("name") == "Refresh"]
    assert step["env"]["SHARDS"] == "${{ strategy.job-total }}"


def container(number: int) -> dict[str, Any]:
    return dict(KUBERNETES[number]["spec"]["template"]["spec"]["containers"][0])


def test_the_jobs_of_kubernetes_refresh_and_merge(two: Seeds, tmp_path: Path) -> None:
    count = KUBERNETES[0]["spec"]["completions"]
    (line,) = container(0)["args"]
    assert line.count(f"/{count}") == line.count(f"-of-{count}") == 1
    data = tmp_path / "here"
    for index in range(COUNT):
        here = (
            line.replace(f"/{count}", f"/{COUNT}").replace(f"-of-{count}", f"-of-{COUNT}").replace("/data", str(data))
        )
        run([*container(0)["command"], here], data, JOB_COMPLETION_INDEX=str(index))
    run([word.replace("/data", str(data)) for word in container(1)["command"]], data)
    assert all(f"What page {name[0]} says." in text.decode() for name, text in two.texts().items())
    assert '"filled": 2' in (data / "reports" / "latest" / "report.json").read_text()
