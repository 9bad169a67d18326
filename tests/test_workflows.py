"""The examples for CI services, cron and systemd do what they say: their own lines are run, on a real clone."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from tests.clones import BRANCH, Clone, cloned, git, seed
from tests.conftest import ROOT
from tests.forge import TOKEN, FakeForge
from tests.site import Answer, page

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.site import Site

EXAMPLES = ROOT / ".ci" / "examples"
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
REFRESH: dict[Any, Any] = yaml.safe_load((ROOT / ".github" / "workflows" / "refresh.yml").read_text())
GITLAB: dict[str, Any] = yaml.safe_load((EXAMPLES / "gitlab-ci.yml").read_text())
TEXT = "A page says one thing, at some length, so that it can be told apart.\nAnd another."

# Loopback needs no politeness, and tests no patience.
QUICK = "from fetcher.settings import *\nDOWNLOAD_DELAY = 0\nAUTOTHROTTLE_ENABLED = False\n"

# What a scheduled run knows; an expression that is not here fails the test.
SCHEDULED = {
    "github.token": TOKEN,
    "secrets.REFRESH_TOKEN || github.token": TOKEN,
    "vars.FETCHER_REPOSITORY && '.fetcher' || '.'": ".fetcher",
    "vars.REFRESH_SEEDS || 'seeds'": "seeds",
    "vars.REFRESH_CONTACT": "you@example.org",
    "inputs.path": "",
    "inputs.older_than": "",
    "inputs.limit": "",
    "inputs.dry_run": "",
    "!inputs.dry_run": True,
}
BY_HAND = SCHEDULED | {
    "inputs.path": "*['; touch hacked; $(touch hacked)]",  # as a pattern: what ends in one of these signs
    "inputs.limit": "1",
    "inputs.dry_run": "true",
    "!inputs.dry_run": False,
}


@dataclass
class Machine:
    """A machine of a CI service, with a fresh clone of the seeds and this program beside them."""

    site: Site
    clone: Clone
    forge: FakeForge
    place: Path
    variables: dict[str, str] = field(default_factory=dict)
    has_packages: bool = False

    @property
    def program(self) -> Path:
        """This program as it would be checked out, with settings for tests."""
        place = self.place / "program"
        if not place.exists():
            place.mkdir()
            for name in ("fetcher", "requirements.txt"):
                (place / name).symlink_to(ROOT / name)
            (place / "quick.py").write_text(QUICK)
        return place

    def checked_out(self) -> None:
        """A shallow clone of one commit, on no branch; the cache, `.scrapy`, comes back."""
        top = self.clone.top
        kept = self.place / "cache"
        if (top / ".scrapy").exists():
            shutil.copytree(top / ".scrapy", kept, dirs_exist_ok=True)
        shutil.rmtree(top)
        git(self.place, "clone", "-q", "--depth=1", self.clone.origin.as_uri(), str(top))
        git(top, "checkout", "-q", "--detach")
        if kept.exists():
            shutil.copytree(kept, top / ".scrapy")
        (top / ".fetcher").symlink_to(self.program)

    def run(self, script: str, shell: list[str], **variables: str) -> str:
        """What the script prints; it must end with status 0."""
        file = self.place / "script"
        file.write_text(script)
        done = self.tried([*shell, str(file)], **variables)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def tried(self, words: list[str], **variables: str) -> subprocess.CompletedProcess[str]:
        inherited = {name: os.environ[name] for name in ("HOME", "LANG") if name in os.environ}
        environment = {
            **inherited,
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            "PIP_NO_INDEX": "1",  # all is installed
            "PIP_DISABLE_PIP_VERSION_CHECK": "1",
            "PYTHONPATH": str(self.program),
            **self.variables,
            **variables,
            "SCRAPY_SETTINGS_MODULE": "quick",
        }
        return subprocess.run(words, cwd=self.clone.top, env=environment, capture_output=True, text=True, check=False)

    def github(self, job: str, given: dict[str, Any]) -> str:
        """Runs the steps of a job as GitHub does, those of others' actions left out; what they print."""
        summary = self.place / "summary.md"
        summary.touch()
        self.variables = self.forge.github | {
            "GITHUB_REF_NAME": "main",
            "GITHUB_STEP_SUMMARY": str(summary),
            "GITHUB_WORKFLOW_REF": "me/notes/.github/workflows/refresh.yml@refs/heads/main",
        }
        del self.variables["GITHUB_TOKEN"]  # only those steps have it that ask for it
        out = ""
        for step in REFRESH["jobs"][job]["steps"]:
            if "run" not in step or ("if" in step and not given[expression(step["if"])]):
                continue
            if step["name"] == "Install":  # which takes its time, and once is enough to see that it works
                if self.has_packages:
                    continue
                self.has_packages = True
            environment = REFRESH["jobs"][job].get("env", {}) | step.get("env", {})
            filled = {name: evaluated(str(value), given) for name, value in environment.items()}
            out += self.run(step["run"], ["bash", "--noprofile", "--norc", "-eo", "pipefail"], **filled)
        return out


def expression(text: str) -> str:
    return text.removeprefix("${{").removesuffix("}}").strip()


def evaluated(text: str, given: dict[str, Any]) -> str:
    return re.sub(r"\$\{\{(.*?)\}\}", lambda found: str(given[found[1].strip()]), text)


@pytest.fixture
def machine(site: Site, tmp_path: Path) -> Iterator[Machine]:
    pages = {name: site.says(f"/{name}", page(f"{TEXT} {name}")) for name in "ab"}
    texts = {f"{name}.md": seed("").replace("https://example.org/", url) for name, url in pages.items()}
    forge = FakeForge()
    yield Machine(site, cloned(tmp_path, texts), forge, tmp_path)
    forge.close()


def test_the_workflow_opens_a_pull_request_and_keeps_it_current(machine: Machine) -> None:
    machine.checked_out()
    assert "Opened https://forge.example/1" in machine.github("refresh", SCHEDULED)
    (one,) = machine.forge.open()
    assert (one["title"], one["draft"], one["base"]) == ("Refresh 2 seeds", False, {"ref": "main"})
    assert [label["name"] for label in one["labels"]] == ["refresh"]
    assert one["body"] == (machine.place / "summary.md").read_text()
    before = machine.clone.changed()
    machine.site.says("/b", Answer("", 403))
    machine.checked_out()
    machine.github("refresh", SCHEDULED)
    assert machine.clone.changed() == before  # b cannot be had: its change of last time stays
    assert (machine.forge.open(), one["draft"]) == ([one], True)
    git(machine.clone.origin, "update-ref", "refs/heads/main", machine.clone.tip())
    one["state"] = "closed"
    machine.checked_out()
    machine.github("refresh", SCHEDULED)
    assert (machine.clone.branches(), len(machine.forge.requests)) == (["main"], 1)


def test_inputs_reach_the_run_as_they_are_and_a_dry_run_publishes_nothing(machine: Machine) -> None:
    machine.checked_out()
    machine.github("refresh", BY_HAND)
    assert not list(machine.place.rglob("hacked"))
    assert "This was a dry run" in (machine.place / "summary.md").read_text()
    assert (machine.clone.branches(), len(machine.site.pages_asked())) == (["main"], 1)


def test_a_run_that_cannot_be_done_fails_the_workflow(machine: Machine) -> None:
    machine.checked_out()
    with pytest.raises(AssertionError, match="older_than=soon is neither"):
        machine.github("refresh", SCHEDULED | {"inputs.older_than": "soon"})


def test_the_schedule_is_kept_alive(machine: Machine) -> None:
    if not shutil.which("curl"):
        pytest.skip("there is no curl here")
    machine.github("keep-alive", SCHEDULED)
    (asked,) = machine.forge.asked
    assert (asked.method, asked.path) == ("PUT", "/repos/me/notes/actions/workflows/refresh.yml/enable")
    assert asked.token == TOKEN


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: str(path.name))
def test_workflows_have_only_pinned_actions_and_no_input_in_a_script(workflow: Path) -> None:
    steps = [step for job in yaml.safe_load(workflow.read_text())["jobs"].values() for step in job["steps"]]
    assert not [step["run"] for step in steps if "${{" in step.get("run", "")]
    used = re.findall(r"uses: (.*)", workflow.read_text())
    assert used
    assert not [action for action in used if not re.fullmatch(r"[\w/-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", action)]


def test_nothing_runs_by_itself_where_nobody_has_asked_for_it() -> None:
    conditions = [job["if"] for job in REFRESH["jobs"].values()]
    assert conditions == [
        "vars.REFRESH_SEEDS != '' || github.event_name == 'workflow_dispatch'",
        "vars.REFRESH_SEEDS != '' && github.event_name == 'schedule'",
    ]


def test_gitlab_s_job_opens_a_merge_request(machine: Machine) -> None:
    job = GITLAB["refresh"]
    values = {name: value["value"] if isinstance(value, dict) else value for name, value in GITLAB["variables"].items()}
    machine.checked_out()
    (machine.clone.top / ".fetcher").unlink()
    machine.variables = machine.forge.gitlab | {
        **values,
        **{name: str(value) for name, value in job["variables"].items()},
        "CI_COMMIT_REF_NAME": "main",
        "GITLAB_USER_NAME": "Someone",
        "GITLAB_USER_EMAIL": "someone@example.org",
    }
    before, script = ("\n".join(job[name]) for name in ("before_script", "script"))
    here = before.replace("FETCHER=.\n", f"FETCHER={shlex.quote(str(machine.program))}\n")
    out = machine.run(f"{here}\n{script}", ["sh", "-e"])
    assert "Opened https://forge.example/1" in out
    assert machine.forge.requests[0]["title"] == "Refresh 2 seeds"
    assert git(machine.clone.origin, "log", "-1", "--format=%an", BRANCH) == "Someone"


def test_the_line_for_cron_is_silent_and_pushes_what_changed(machine: Machine) -> None:
    lines = (EXAMPLES / "crontab").read_text().splitlines()
    (line,) = [line for line in lines if re.match(r"\d", line)]
    variables = dict(line.split("=", 1) for line in lines if re.match(r"[A-Z_]+=", line))
    assert variables["SHELL"] == "/bin/bash"
    script = line.split(maxsplit=5)[5].replace("/srv/notes", shlex.quote(str(machine.clone.top)))
    done = machine.tried([variables["SHELL"], "-c", script])
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert machine.clone.paths() == ["seeds/a.md", "seeds/b.md"]
    git(machine.clone.top, "remote", "set-url", "origin", "nowhere")
    assert "nowhere" in machine.tried([variables["SHELL"], "-c", script]).stdout


def test_systemd_takes_the_units_and_finds_the_service_well_confined(tmp_path: Path) -> None:
    if not shutil.which("systemd-analyze"):
        pytest.skip("there is no systemd here")
    units = [tmp_path / f"fetcher-refresh.{kind}" for kind in ("service", "timer")]
    for unit in units:
        text = (EXAMPLES / unit.name).read_text()
        unit.write_text(text.replace("/srv/fetcher/.venv/bin/scrapy", "/bin/true"))
    done = subprocess.run(["systemd-analyze", "verify", *units], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout + done.stderr) == (0, "")
    words = ["systemd-analyze", "security", "--offline=true", "--threshold=20", str(units[0])]
    assert subprocess.run(words, stdout=subprocess.DEVNULL, check=False).returncode == 0
