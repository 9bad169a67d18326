"""Checks the names and values of settings on the command line before a command runs."""

from __future__ import annotations

import logging
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from scrapy.commands import ScrapyCommand
from scrapy.exceptions import UsageError
from scrapy.settings import SETTINGS_PRIORITIES, default_settings
from scrapy.utils.conf import arglist_to_dict

from fetcher.report.screen import visible

if TYPE_CHECKING:
    import argparse
    from collections.abc import Mapping, Sequence

    from scrapy.settings import BaseSettings

_LEVELS = ("CRITICAL", "ERROR", "WARNING", "INFO", "DEBUG")
_OURS = ("SEED", "REFRESH", "REPORT")
"""Prefixes of the project's own settings; an unknown setting with such a prefix is a mistake."""


class Checked:
    """A mixin for commands (before Scrapy's class) that refuses settings with unknown names or unusable values.

    Scrapy ignores a misspelled name. A run with SEED_DIR=notes would write into the default folder.
    """

    def process_options(self, args: list[str], opts: argparse.Namespace) -> None:
        assert isinstance(self, ScrapyCommand)
        assert self.settings is not None  # set by Scrapy
        try:
            named = arglist_to_dict(opts.set)
        except ValueError:
            named = {}  # which Scrapy refuses itself
        if opts.loglevel:
            named["LOG_LEVEL"] = opts.loglevel
        if faults := [fault for name, value in named.items() if (fault := fault_of(name, value, self.settings))]:
            raise UsageError(visible("; ".join(faults)), print_help=False)
        super().process_options(args, opts)  # type: ignore[misc]  # of Scrapy's class, which comes next


def given(settings: BaseSettings, name: str) -> str | None:
    """The value of a setting if it was given on the command line, else None."""
    return settings[name] if settings.getpriority(name) == SETTINGS_PRIORITIES["cmdline"] else None


def fault_of(name: str, value: str, known: Mapping[Any, Any]) -> str:
    """What is wrong with a setting given as text; empty if nothing is. `known` has all settings with their defaults.

    A name of which nothing known is near passes: it may be for a component that the user has added.

    >>> fault_of("SEED_DIR", "notes", {"SEEDS_DIR": "seeds"})
    'no setting is called SEED_DIR: did you mean SEEDS_DIR?'
    """
    if name not in known:
        return _of_name(name, [*map(str, known)])
    default = known[name]
    if name == "LOG_LEVEL":
        return "" if value in logging.getLevelNamesMapping() else f"{name}={value} is none of {', '.join(_LEVELS)}"
    if isinstance(default, bool):
        return "" if value in ("0", "1", "True", "False", "true", "false") else f"{name}={value} is not True or False"
    is_number = isinstance(default, int | float) and hasattr(default_settings, name)  # our own say more themselves
    return f"{name}={value} is no number" if is_number and not _is_number(value) else ""


def _of_name(name: str, known: Sequence[str]) -> str:
    is_ours = name.upper().startswith(_OURS)
    meant = [other for other in known if other.startswith(_OURS)] if is_ours else known
    likely = get_close_matches(name.upper(), meant, 1, 0.7 if is_ours else 0.85)
    if likely:
        return f"no setting is called {name}: did you mean {likely[0]}?"
    return f"no setting is called {name}: fetcher/guide/settings.md has them all" if is_ours else ""


def _is_number(value: str) -> bool:
    try:
        float(value)
    except ValueError:
        return False
    return True
