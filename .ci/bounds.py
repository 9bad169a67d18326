"""Ends with status 1 where the figures of a replay, JSON on standard input, are out of bounds."""

import json
import sys
from operator import ge, le

BOUNDS = {
    "stored": [
        ("false_change", le, 0.02),
        ("recall", ge, 0.97),
        ("precision", ge, 0.95),
        ("overwritten", le, 0),
        ("stamp_errors", le, 0),
    ],
    "fresh": [
        ("false_change", le, 0.03),
        ("overwritten", le, 0),
        ("stamp_errors", le, 0),
    ],
}

figures = json.load(sys.stdin)
missed = [
    f"{name} is {figures[name]}, its bound {bound}"
    for name, holds, bound in BOUNDS[figures["mode"]]
    if not holds(figures[name], bound)
]
sys.exit("\n".join(missed) or 0)
