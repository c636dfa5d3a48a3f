"""Logs: to standard error, as text for people or as JSON lines for machines."""

import json
import logging
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TextIO

from router.kit.json import write_json

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


class JsonFormatter(logging.Formatter):
    """One JSON object a line."""

    def format(self, record: logging.LogRecord) -> str:
        """The record as JSON; a trace goes under `exception`."""
        entry: dict[str, object] = {
            "timestamp": datetime.fromtimestamp(record.created, UTC).isoformat(),
            "level": record.levelname,
            "target": record.name,
            "message": record.getMessage(),
        }
        ids = find_ids()
        if ids is not None:
            entry["trace_id"], entry["span_id"] = ids
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


def set_up_logs(level: str, *, is_json: bool, stream: TextIO | None = None) -> None:
    """Send the process's logs of `level` and above to `stream`, else to standard error. An unknown level is `info`.

    `level` may be a list as Apollo Router takes it, such as `info,apollo_router=debug`: the level of all, and of the router alone.
    """
    handler = logging.StreamHandler(stream or sys.stderr)
    text = "%(asctime)s %(levelname)s %(name)s: %(message)s"
    handler.setFormatter(JsonFormatter() if is_json else TextFormatter(text))
    levels = {
        name if is_named else "": chosen or name for name, is_named, chosen in map(_split, level.split(","))
    }
    logging.basicConfig(level=_find_level(levels.get("", "info")), handlers=[handler], force=True)
    own = next((levels[name] for name in OWN_NAMES if name in levels), None)
    logging.getLogger("router").setLevel(logging.NOTSET if own is None else _find_level(own))


def _split(directive: str) -> tuple[str, str, str]:
    return directive.strip().partition("=")


def _find_level(name: str) -> int:
    return LEVELS.get(name.strip().lower(), logging.INFO)
