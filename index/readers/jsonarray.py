"""JSON objects in an array or one after another, read piece by piece: a broken one costs itself only."""

from __future__ import annotations

import json
from collections.abc import Iterator

from index.article import Article, Rejection
from index.readers.inputs import Input
from index.readers.jsontext import JsonText
from index.readers.jsonvalues import DECODER, UNREADABLE, reason_of

_LONGEST_TOKEN = 256
"""An error so near to the window's end may come from its end alone: no token but a string is cut earlier."""


def read(given: Input) -> Iterator[Article | Rejection]:
    """Yield the article of every object, or why there is none; elements of other kinds are rejected."""
    text = JsonText(given.stream)
    array = text.sign() == "["
    if array:
        text.go(text.at + 1)
    open_at_end = array
    while sign := text.sign():
        if array and sign in ",]":
            # A comma too many does no harm; and what follows the end of the array is looked at all the same.
            open_at_end = sign == ","
            text.go(text.at + 1)
            continue
        given.line = text.line
        result, more = _element(given, text)
        yield result
        open_at_end = array and more
    if open_at_end:
        yield given.rejection(text.line, "the array is not closed: the file may be cut off")


def _element(given: Input, text: JsonText) -> tuple[Article | Rejection, bool]:
    """Read the element at hand: what it comes to, and whether anything may follow it."""
    line = text.line
    while True:
        try:
            value, end = DECODER.raw_decode(text.window, text.at)
        except json.JSONDecodeError as error:
            cut = error.msg.startswith("Unterminated string") or error.pos > len(text.window) - _LONGEST_TOKEN
            if text.ended or not cut:
                error.pos -= text.at
                return given.rejection(line, reason_of(error)), text.go_to_next_object(text.at + error.pos)
        except UNREADABLE as error:
            return given.rejection(line, reason_of(error)), text.go_to_next_object(text.at)
        else:
            # A number that ends with the window may go on after it.
            if end < len(text.window) or text.ended:
                break
        if len(text.window) - text.at >= given.limit:
            return given.oversize(line), text.go_to_next_object(len(text.window))
        text.grow()
    result = _taken(given, text, value, end)
    text.go(end)
    return result, True


def _taken(given: Input, text: JsonText, value: object, end: int) -> Article | Rejection:
    """What the element ``value``, read from the window up to ``end``, comes to."""
    length = end - text.at
    # No character has more than four bytes, so most elements need not be measured.
    if 4 * length >= given.limit:
        length = len(text.window[text.at : end].encode("utf-8", "surrogateescape"))
    if length >= given.limit:
        return given.oversize(text.line)
    if not isinstance(value, dict):
        return given.rejection(text.line, "not a JSON object")
    damage = text.damage(end)
    if damage is not None:
        reason = f"holds a byte (0x{damage:02X}) that does not decode"
        return given.rejection(text.line, reason, given.records.id_of(value))
    return given.records.read(value, given.name, text.line)
