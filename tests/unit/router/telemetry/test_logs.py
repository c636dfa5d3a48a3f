import json
import logging
import sys

import pytest

from router.telemetry.logs import LEVELS, JsonFormatter, PlaceLimit, TextFormatter, set_up_logs
from router.telemetry.options import LineForm, LineLimit


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


@pytest.mark.parametrize(
    "text",
    [
        "plain",
        'a "b"\n',
        "\N{LATIN SMALL LETTER U WITH DIAERESIS}\N{LINE SEPARATOR}",
        "half \ud800 of a pair",
        "x" * 300,
    ],
)
def test_a_line_of_json_holds_whatever_clients_write(text):
    record = logging.LogRecord("router.x", logging.INFO, "f", 1, "%s", (text,), None)
    record.facts = {"operation": text, "duration_ms": 0.5, "client": None}
    line = JsonFormatter().format(record)
    entry = json.loads(line)
    assert (entry["message"], entry["operation"], entry["duration_ms"], entry["client"]) == (
        text,
        text,
        0.5,
        None,
    )
    assert line.isascii()
    assert "\n" not in line


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


@pytest.mark.parametrize(
    ("given", "of_all", "own"),
    [
        ("warn", logging.WARNING, logging.NOTSET),
        ("error, apollo_router=debug", logging.ERROR, logging.DEBUG),
        ("apollo_router::plugins=trace,router=warn", logging.INFO, logging.WARNING),
        ("nonsense", logging.INFO, logging.NOTSET),
    ],
)
def test_levels_are_given_as_apollo_router_takes_them(given, of_all, own, monkeypatch):
    root, router = logging.getLogger(), logging.getLogger("router")
    monkeypatch.setattr(root, "handlers", [])
    monkeypatch.setattr(root, "level", root.level)
    monkeypatch.setattr(router, "level", router.level)
    set_up_logs(given, LineForm(is_json=False))
    assert (root.level, router.level) == (of_all, own)
    root.setLevel(logging.WARNING)
    router.setLevel(logging.NOTSET)


def test_each_place_has_its_own_lines_in_each_interval():
    limit = PlaceLimit(LineLimit(capacity=2, interval_s=5))

    def passes(line, at_s):
        record = logging.LogRecord("router", logging.INFO, "file", line, "text", (), None)
        record.created = at_s
        return limit.filter(record)

    assert [passes(1, at_s) for at_s in (100, 101, 104.9, 105, 105, 105)] == [1, 1, 0, 1, 1, 0]
    assert [passes(2, at_s) for at_s in (104, 104, 104)] == [1, 1, 0]
