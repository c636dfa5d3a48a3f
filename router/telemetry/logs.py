"""Logs: to standard error, as text for people or as JSON lines for machines."""

import json
import logging
import sys
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import TextIO

from router.kit.json import write_json
from router.telemetry.options import LineForm, LineLimit, LogOptions
from router.telemetry.trace_ids import write_trace_id

LEVELS = {
    "off": logging.CRITICAL + 1,
    "error": logging.ERROR,
    "warn": logging.WARNING,
    "info": logging.INFO,
    "debug": logging.DEBUG,
    "trace": logging.DEBUG,
}
"""Apollo Router's names of levels."""

OWN_NAMES = ("router", "apollo_router")
"""What stands for us where levels are given by name."""


JSON_LINES, ALL_LINES = LineForm(is_json=True), LogOptions()

_PARTS: Mapping[str, Callable[[logging.LogRecord], object]] = {
    "timestamp": lambda record: datetime.fromtimestamp(record.created, UTC).isoformat(),
    "level": lambda record: record.levelname,
    "target": lambda record: record.name,
    "filename": lambda record: record.filename,
    "line_number": lambda record: record.lineno,
}
_TEXT = {"timestamp": "%(asctime)s", "level": "%(levelname)s", "target": "%(name)s"}


class JsonFormatter(logging.Formatter):
    """One JSON object a line."""

    def __init__(self, form: LineForm = JSON_LINES, resource: Mapping[str, str] | None = None) -> None:
        """`resource` is told in each line, where the form shows it."""
        super().__init__()
        self._form = form
        self._parts = {name: find for name, find in _PARTS.items() if name in form.shown}
        self._resource = resource if "resource" in form.shown else None

    def format(self, record: logging.LogRecord) -> str:
        """The record as JSON; a trace goes under `exception`."""
        entry: dict[str, object] = {name: find(record) for name, find in self._parts.items()}
        entry["message"] = record.getMessage()
        ids, shown = find_ids(), self._form.shown
        if ids is not None and "trace_id" in shown:
            entry["trace_id"] = write_trace_id(int(ids[0], 16), self._form.trace_id)
        if ids is not None and "span_id" in shown:
            entry["span_id"] = ids[1]
        if self._resource:
            entry["resource"] = self._resource
        facts = getattr(record, "facts", None)
        if facts is not None:
            entry.update(facts)
        if record.exc_info:
            entry["exception"] = self.formatException(record.exc_info)
        return _write(entry)


def _write(entry: dict[str, object]) -> str:
    try:
        text = write_json(entry).decode()
    except (TypeError, ValueError):
        # Half a surrogate pair, which a client may have sent.
        return json.dumps(entry)
    # The stream may know no other characters.
    return text if text.isascii() else json.dumps(entry)


def log_facts(logger: logging.Logger, level: int, message: str, facts: Mapping[str, object]) -> None:
    """Log a message with facts. `Logger.log` does too, and looks for the line of code first, for which nobody asks."""
    if logger.isEnabledFor(level):
        extra = {"facts": facts}
        logger.handle(
            logger.makeRecord(logger.name, level, "", 0, "%s", (message,), exc_info=None, extra=extra)
        )


class PlaceLimit(logging.Filter):
    """Lets so many lines of each place in the code pass in each interval, and drops the rest."""

    def __init__(self, limit: LineLimit) -> None:
        super().__init__()
        self._limit = limit
        # When the interval of a place began, and how many lines it has had.
        self._seen: dict[tuple[str, int | str], tuple[float, int]] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether the line is written."""
        # What is told with facts has no line of code; its message is the configuration's.
        place = (record.name, record.lineno or record.getMessage())
        now_s = record.created
        began_s, count = self._seen.get(place, (now_s, 0))
        if now_s - began_s >= self._limit.interval_s:
            began_s, count = now_s, 0
        self._seen[place] = began_s, count + 1
        return count < self._limit.capacity


class TextFormatter(logging.Formatter):
    """One line for people; facts follow the message, a trace comes below."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 -- its name in the library
        """The line: what clients wrote into it can neither begin another nor command a terminal."""
        facts = getattr(record, "facts", None) or {}
        told = (f"{name}={value}" for name, value in facts.items() if value is not None)
        line = " ".join((super().formatMessage(record), *told))
        return line if line.isprintable() else "".join(map(_show, line))


def _show(character: str) -> str:
    return character if character.isprintable() else ascii(character)[1:-1]


def find_ids() -> tuple[str, str] | None:
    """The ids of the current trace and span; None where nothing is traced."""
    # Who does not trace has not imported it, and need not.
    tracing = sys.modules.get("router.telemetry.tracing")
    return None if tracing is None else tracing.find_ids()


def set_up_logs(
    level: str, form: LineForm, options: LogOptions = ALL_LINES, stream: TextIO | None = None
) -> None:
    """Send the process's logs of `level` and above to `stream`, else to standard error. An unknown level is `info`.

    `level` may be a list as Apollo Router takes it, such as `info,apollo_router=debug`: the level of all, and of the router alone.
    """
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(
        JsonFormatter(form, dict(options.resource)) if form.is_json else TextFormatter(_write_layout(form))
    )
    if options.limit is not None:
        handler.addFilter(PlaceLimit(options.limit))
    levels = {
        name if is_named else "": chosen or name for name, is_named, chosen in map(_split, level.split(","))
    }
    logging.basicConfig(level=_find_level(levels.get("", "info")), handlers=[handler], force=True)
    own = next((levels[name] for name in OWN_NAMES if name in levels), None)
    logging.getLogger("router").setLevel(logging.NOTSET if own is None else _find_level(own))


def _write_layout(form: LineForm) -> str:
    shown = [text for name, text in _TEXT.items() if name in form.shown]
    place = ":".join(
        text
        for name, text in (("filename", "%(filename)s"), ("line_number", "%(lineno)d"))
        if name in form.shown
    )
    head = " ".join((*shown, *([place] if place else ())))
    return f"{head}: %(message)s" if head else "%(message)s"


def _split(directive: str) -> tuple[str, str, str]:
    return directive.strip().partition("=")


def _find_level(name: str) -> int:
    return LEVELS.get(name.strip().lower(), logging.INFO)
