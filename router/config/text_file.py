"""Text files, which are UTF-8."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from router.config.problems import ConfigurationError


def read_text_file(path: Path) -> str:
    """The text of a file.

    Raises:
        ConfigurationError: it is not UTF-8.
        OSError: it cannot be read.
    """
    with expecting_utf8(path):
        return path.read_text("utf-8")


@contextmanager
def expecting_utf8(path: Path) -> Iterator[None]:
    """Name the file where what is decoded is not UTF-8.

    Raises:
        ConfigurationError: it is not.
    """
    try:
        yield
    except UnicodeDecodeError as error:
        raise ConfigurationError(
            [f"{path} is no UTF-8 text: {error.reason} at byte {error.start}"]
        ) from error
