import json
import logging
import sys

from router.telemetry.logs import LEVELS, JsonFormatter, TextFormatter


def test_a_record_is_one_line_of_json_with_its_trace():
    try:
        raise KeyError("k")  # noqa: TRY301 -- to have a trace
    except KeyError:
        record = logging.LogRecord("router.x", logging.ERROR, "f", 1, "failed %s", ("so",), sys.exc_info())
    line = JsonFormatter().format(record)
    entry = json.loads(line)
    assert "\n" not in line
    assert (entry["level"], entry["target"], entry["message"]) == ("ERROR", "router.x", "failed so")
    assert "KeyError" in entry["exception"]


def test_a_client_can_neither_begin_a_line_for_people_nor_command_their_terminal():
    record = logging.LogRecord(
        "x", logging.WARNING, "f", 1, "unknown: %s", ("{ a\n\r\x1b[31m\u202e\u2028 ü",), None
    )
    record.facts = {"operation": "b\n2026-01-01 ERROR forged"}
    line = TextFormatter("%(levelname)s %(message)s").format(record)
    assert line == (
        "WARNING unknown: { a\\n\\r\\x1b[31m\\u202e\\u2028 ü operation=b\\n2026-01-01 ERROR forged"
    )


def test_a_trace_for_people_has_its_lines():
    try:
        raise KeyError("k")  # noqa: TRY301 -- to have a trace
    except KeyError:
        record = logging.LogRecord("router.x", logging.ERROR, "f", 1, "failed", (), sys.exc_info())
    assert (
        TextFormatter("%(message)s").format(record).startswith("failed\nTraceback (most recent call last):\n")
    )


def test_levels_have_apollos_names():
    assert LEVELS["off"] > logging.CRITICAL
    assert LEVELS["warn"] == logging.WARNING
