"""Ends with status 1 where the figures of a replay, JSON on standard input, are worse than they must be."""

import json
import sys

AT_MOST = {
    "stored": {"false_change": 0.02, "overwritten": 0, "stamp_errors": 0},
    "fresh": {"false_change": 0.03, "overwritten": 0, "stamp_errors": 0},
}
AT_LEAST = {
    "stored": {"recall": 0.97, "precision": 0.95},
    "fresh": {},
}

figures = json.load(sys.stdin)
mode = figures["mode"]
passed = [f"{name} {figures[name]}, at most {most}" for name, most in AT_MOST[mode].items() if figures[name] > most]
passed += [
    f"{name} {figures[name]}, at least {least}" for name, least in AT_LEAST[mode].items() if figures[name] < least
]
sys.exit("\n".join(passed) or None)
