"""Colours for people: where a terminal shows them, and nobody has asked for none. Spec: https://no-color.org."""

import os
from typing import TextIO

_RESET = "\x1b[0m"
_COLOURS = {
    "error": "\x1b[1;31m",
    "warning": "\x1b[1;33m",
    "warn": "\x1b[1;33m",
    "info": "\x1b[1;36m",
    "debug": "\x1b[2m",
}


def paint(text: str, kind: str, stream: TextIO) -> str:
    """The text in the colour of a kind of finding, if the stream shows colours."""
    if os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb" or not stream.isatty():
        return text
    return f"{_COLOURS[kind]}{text}{_RESET}"
