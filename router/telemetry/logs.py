"""Logs: to standard error, as text for people or as JSON lines for machines."""

import json
import logging
import sys
from datetime import UTC, datetime

LEVELS = {
    "off": logging.CRITICAL + 1,
    "error": logging.ERROR,
    "warn": logging.WARNING,
    "info": logging.INFO,
    "debug": logging.DEBUG,
    "trace": logging.DEBUG,
}
"""Apollo Router's names of levels."""


class JsonFormatter(logging.Formatter):
    """One JSON object a line."""

    def format(self, record: logging.LogRecord) -> str:
        """The record as JSON; a trace goes under `exception`."""
        entry = {
            "timestamp": datetime.fromtimestamp(record.created, UTC).isoformat(),
            "level": record.levelname,
            "target": record.name,
            "message": record.getMessage(),
        }
        if record.exc_info:
            entry["exception"] = self.formatException(record.exc_info)
        return json.dumps(entry)


def set_up_logs(level: str, *, is_json: bool) -> None:
    """Send the process's logs of `level` and above to standard error. An unknown level counts as `info`."""
    handler = logging.StreamHandler(sys.stderr)
    text = "%(asctime)s %(levelname)s %(name)s: %(message)s"
    handler.setFormatter(JsonFormatter() if is_json else logging.Formatter(text))
    logging.basicConfig(level=LEVELS.get(level.lower(), logging.INFO), handlers=[handler], force=True)
