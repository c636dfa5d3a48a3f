import json
import logging
import sys

from router.telemetry.logs import LEVELS, JsonFormatter


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


def test_levels_have_apollos_names():
    assert LEVELS["off"] > logging.CRITICAL
    assert LEVELS["warn"] == logging.WARNING
