"""Files of the commands: `-` is a standard stream, and what is written is written whole or not at all."""

import os
import stat
import sys
from pathlib import Path

from router.config.text_file import read_text_file

_STREAM = Path("-")


def read_text(path: Path) -> str:
    """The text of a file, or of standard input.

    Raises:
        OSError: it cannot be read.
        ConfigurationError: it is not UTF-8.
    """
    return sys.stdin.read() if path == _STREAM else read_text_file(path)


def name_of(path: Path) -> str:
    """What messages call a file."""
    return "standard input" if path == _STREAM else str(path)


def folder_of(path: Path) -> Path:
    """Where what a file names is looked for: beside it, or here for standard input."""
    return Path() if path == _STREAM else path.parent


def describe_fault(error: Exception) -> str:
    """Why a file cannot be read or written, behind its name."""
    if isinstance(error, OSError) and error.filename is not None:
        return f"{error.filename}: {error.strerror}"
    return str(error)


def write_text(path: Path | None, text: str) -> None:
    """Write to a file, or to standard output if none is named; a failure leaves the file as it was.

    Raises:
        OSError: it cannot be written.
    """
    if path is None or path == _STREAM:
        sys.stdout.write(text)
        return
    target = path.resolve()
    mode = _mode_of(target)
    if mode is not None and not stat.S_ISREG(mode):
        # A device or a pipe is written to; nothing could be put in its place.
        target.write_text(text, "utf-8")
        return
    draft = target.with_name(f".{target.name}.{os.getpid()}.tmp")
    try:
        with draft.open("x", encoding="utf-8", newline="") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        if mode is not None:
            draft.chmod(stat.S_IMODE(mode))
        draft.replace(target)
    except OSError as error:
        # The draft is ours; the user named the file.
        raise OSError(error.errno, error.strerror, str(path)) from error
    finally:
        draft.unlink(missing_ok=True)


def _mode_of(path: Path) -> int | None:
    try:
        return path.stat().st_mode
    except FileNotFoundError:
        return None
