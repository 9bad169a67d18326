"""GitHub's and GitLab's APIs on loopback, as far as requests for review go; they remember what they were asked."""

from __future__ import annotations

import json
import re
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

TOKEN = "t0ken-that-nobody-may-see"  # noqa: S105  # it opens nothing


@dataclass(frozen=True)
class Asked:
    """One request to the API."""

    method: str
    path: str
    payload: Any
    token: str


@dataclass
class Refusal:
    """What the API answers instead of doing what it is asked; `does` tells that it does that all the same."""

    status: int
    payload: Any = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    does: bool = False


class FakeForge:
    """Both APIs over one list of requests for review, each as a mapping in GitHub's words."""

    def __init__(self) -> None:
        self.asked: list[Asked] = []
        self.requests: list[dict[str, Any]] = []
        self.comments: list[str] = []
        self.refusals: dict[str, list[Refusal]] = {}  # by method and the end of the path, in turn
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    @property
    def github(self) -> dict[str, str]:
        """The environment of a job of GitHub's."""
        return {"GITHUB_API_URL": self.url, "GITHUB_REPOSITORY": "me/notes", "GITHUB_TOKEN": TOKEN}

    @property
    def gitlab(self) -> dict[str, str]:
        """The environment of a job of GitLab's."""
        return {"CI_API_V4_URL": f"{self.url}/api/v4", "CI_PROJECT_ID": "7", "GITLAB_TOKEN": TOKEN}

    @property
    def writes(self) -> list[str]:
        """The requests that may change something: method and path."""
        return [f"{one.method} {one.path}" for one in self.asked if one.method != "GET"]

    def open(self) -> list[dict[str, Any]]:
        return [one for one in self.requests if one["state"] == "open"]

    def answer(self, asked: Asked) -> Refusal:
        self.asked.append(asked)
        place = f"{asked.method} {asked.path.partition('?')[0].rpartition('/')[2]}"
        refusal = (self.refusals.get(place) or [None]).pop(0)  # type: ignore[list-item]  # none left
        if refusal and not refusal.does:
            return refusal
        try:
            done = Refusal(200, self._do(asked))
        except AlreadyOpenError:
            done = Refusal(422, {"message": "Validation Failed", "errors": [{"message": "A pull request exists."}]})
        return refusal or done

    def _do(self, asked: Asked) -> Any:
        given = {name: values[0] for name, values in parse_qs(urlsplit(asked.path).query).items()}
        path = urlsplit(asked.path).path
        payload = asked.payload
        number = int((re.search(r"/(?:pulls|issues|merge_requests)/(\d+)", path) or [0, 0])[1])
        match asked.method, path.rstrip("/").rpartition("/")[2]:
            case "GET", "pulls":
                branch = given["head"].removeprefix("me:")
                return [one for one in self.requests[::-1] if one["head"]["ref"] == branch]
            case "GET", "merge_requests":
                found = [one for one in self.requests[::-1] if one["head"]["ref"] == given["source_branch"]]
                return [_as_gitlab(one) for one in found]
            case "POST", "pulls":
                return self._new(payload["head"], payload["base"], payload["title"], payload["body"], payload["draft"])
            case "POST", "merge_requests":
                branch, target = payload["source_branch"], payload["target_branch"]
                made = self._new(branch, target, payload["title"], payload["description"], draft=False)
                made["labels"] = [{"name": name} for name in payload["labels"].split(",") if name]
                return _as_gitlab(made)
            case "POST", "labels":
                self.requests[number - 1]["labels"] += [{"name": name} for name in payload["labels"]]
            case "POST", "comments" | "notes":
                self.comments.append(payload["body"])
            case "POST", "graphql":
                (one,) = [one for one in self.requests if one["node_id"] == payload["variables"]["id"]]
                one["draft"] = "convertPullRequestToDraft" in payload["query"]
                return {"data": {}}
            case "PATCH", _:
                base = {"base": {"ref": payload["base"]}} if "base" in payload else {}
                self.requests[number - 1].update({**payload, **base})
            case "PUT", _:
                self._put(number, payload)
        return {}

    def _new(self, branch: str, base: str, title: str, body: str, draft: bool) -> dict[str, Any]:
        if any(one["head"]["ref"] == branch for one in self.open()):
            raise AlreadyOpenError
        number = len(self.requests) + 1
        one = {"number": number, "node_id": f"PR_{number}", "title": title, "body": body, "draft": draft}
        one |= {"html_url": f"https://forge.example/{number}", "state": "open", "labels": []}
        one |= {"head": {"ref": branch}, "base": {"ref": base}}
        self.requests.append(one)
        return one

    def _put(self, number: int, payload: dict[str, Any] | None) -> None:
        if payload is None:
            return
        one = self.requests[number - 1]
        if "title" in payload:
            one.update(title=payload["title"], body=payload["description"], base={"ref": payload["target_branch"]})
        if "add_labels" in payload:
            one["labels"] += [{"name": name} for name in payload["add_labels"].split(",")]
        if payload.get("state_event") == "close":
            one["state"] = "closed"


class AlreadyOpenError(Exception):
    """A branch has one open request at most."""


def _as_gitlab(one: dict[str, Any]) -> dict[str, Any]:
    return {
        "iid": one["number"],
        "web_url": one["html_url"],
        "title": one["title"],
        "description": one["body"],
        "target_branch": one["base"]["ref"],
        "state": "opened" if one["state"] == "open" else one["state"],
        "draft": one["title"].startswith("Draft: "),
        "labels": [label["name"] for label in one["labels"]],
    }


def _handler(forge: FakeForge) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def _any(self) -> None:
            sent = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            token = self.headers.get("Authorization", "").removeprefix("Bearer ") or self.headers.get("PRIVATE-TOKEN")
            payload = json.loads(sent) if sent else None
            answer = forge.answer(Asked(self.command, self.path, payload, token or ""))
            body = json.dumps(answer.payload).encode()
            self.send_response(answer.status)
            for name, value in {"Content-Length": str(len(body)), **answer.headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = do_PATCH = do_PUT = _any  # noqa: N815  # the names that the base class calls

        def log_message(self, *_: Any) -> None:
            """Say nothing: the tests look at `asked`."""

    return Handler
