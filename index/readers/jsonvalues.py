"""How JSON is read, in lines or in an array: what the decoder forgives, and its complaints in words."""

from __future__ import annotations

import json

UNREADABLE = (ValueError, RecursionError)
"""What DECODER raises for text that it cannot read."""

# NaN and Infinity are no JSON, but data frames write NaN for a missing value: it is read as one.
DECODER = json.JSONDecoder(parse_constant=lambda _name: None)


def reason_of(error: Exception) -> str:
    """The sentence for what DECODER raised."""
    if isinstance(error, json.JSONDecodeError):
        return f"not valid JSON: {error.msg} (character {error.pos + 1})"
    if isinstance(error, RecursionError):
        return "JSON nested too deeply"
    return "holds a number of too many digits"
