"""Reloads of a running router by files and by signals, good ones and broken ones: no client notices any of them."""

from pathlib import Path

from tests.support.reloading import run_reloads

RELOADS = 12


async def test_no_request_fails_whatever_changes(tmp_path: Path) -> None:
    report = await run_reloads(tmp_path, RELOADS)
    assert report.failures == []
    assert report.reloads == RELOADS
    assert report.answers >= RELOADS
