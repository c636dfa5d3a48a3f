"""Noticing that files change, however they do."""

import asyncio
import os

import pytest

from router.server import watch
from router.server.watch import Watched
from tests.support.turns import let_arrive


@pytest.fixture(autouse=True)
def _often(monkeypatch):
    monkeypatch.setattr(watch, "LOOK_S", 0.001)


async def sees(watched):
    """Tell whether a change is seen within some looks."""
    seeing = asyncio.ensure_future(anext(watched.changes()))
    await let_arrive(30)
    is_seen = seeing.done()
    seeing.cancel()
    await asyncio.gather(seeing, return_exceptions=True)
    return is_seen


def rewrite(path):
    path.write_text("longer than before")


def replace(path):
    other = path.with_suffix(".new")
    other.write_text("other")
    other.rename(path)


def restore(path):
    """The same text, as a deployment does that writes everything anew."""
    text = path.read_text()
    path.unlink()
    path.write_text(text)
    os.utime(path, (1, 1))


def relink(path):
    target = path.with_suffix(".target")
    target.write_text("linked")
    path.unlink()
    path.symlink_to(target)


@pytest.mark.parametrize("change", [rewrite, replace, restore, relink, lambda path: path.unlink()])
async def test_a_change_is_seen_once_also_one_made_before_anybody_looked(tmp_path, change):
    path = tmp_path / "a"
    path.write_text("text")
    watched = Watched([tmp_path / "b", path])
    assert not await sees(watched)
    change(path)
    assert await sees(watched)
    assert not await sees(watched)


async def test_a_file_that_comes_to_be_is_a_change(tmp_path):
    watched = Watched([tmp_path / "a"])
    (tmp_path / "a").write_text("")
    (tmp_path / "beside").write_text("")
    assert await sees(watched)
    assert not await sees(watched)


def test_no_files_are_nothing_to_watch(tmp_path):
    assert not Watched()
    assert Watched([tmp_path])
