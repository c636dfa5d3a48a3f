"""Directories that Postgres' account can enter, and one running marketplace for all tests of a worker."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.support.marketplace import Marketplace, running_marketplace


@pytest.fixture
def open_path() -> Iterator[Path]:
    """An empty directory, like `tmp_path`, that other accounts may pass through."""
    with open_directory() as path:
        yield path


@pytest.fixture(scope="session")
def marketplace() -> Iterator[Marketplace]:
    """The whole marketplace with its demo data. Tests that use it stay on one worker, see `tests/support/distribution.py`."""
    with open_directory() as path, running_marketplace(path / "data") as running:
        yield running


@contextmanager
def open_directory() -> Iterator[Path]:
    path = Path(tempfile.mkdtemp(prefix="marketplace-test-"))
    path.chmod(0o711)
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)
