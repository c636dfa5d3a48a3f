"""The browser side: GraphiQL, built from npm packages while the rest starts.

Nothing waits for it and nothing fails with it. Until it is built, `studio/dist` holds a page that says so
and looks again by itself, so a browser that is early ends up in GraphiQL all the same.
"""

import shutil
from collections.abc import Iterator, Mapping
from html import escape
from pathlib import Path

from stack.digest import digest_files
from stack.errors import StackError
from stack.node import find_node, npm_of
from stack.processes import Child, stop_all
from stack.settings import ROOT

_FOLDER = ROOT / "studio"
_DIST = _FOLDER / "dist"
_STAMP = _DIST / ".digest"
_SOURCES = ("package.json", "package-lock.json", ".npmrc", "vite.config.js", "index.html", "src/*")
# `install`, not `ci`: a registry's mirror may lack the native packages of other systems, which `ci` insists on.
# Versions come from the lock file all the same, and --no-save leaves it alone.
_INSTALL_OPTIONS = ("--no-save", "--ignore-scripts", "--no-progress", "--loglevel=error")
_PAGE = """<!doctype html>
<meta charset="utf-8">{refresh}
<title>GraphiQL</title>
<style>body {{ font: 1rem/1.5 system-ui, sans-serif; margin: 4rem auto; max-width: 40rem }}</style>
<h1>{title}</h1>
<p>{text}</p>
"""


class Studio:
    """The state of the build: `fault` tells why there is no GraphiQL; `is_ready` says that there is."""

    def __init__(self, environment: Mapping[str, str], logs: Path, *, is_wanted: bool = True) -> None:
        """Start the build, unless what is there was made from the sources as they are."""
        self.fault: StackError | None = None
        self._digest = digest_files(
            path for pattern in _SOURCES for path in _FOLDER.glob(pattern) if path.is_file()
        )
        self.is_ready = _STAMP.exists() and _STAMP.read_text() == self._digest
        self._child: Child | None = None
        self._steps = self._build(environment, logs)
        if not is_wanted and not self.is_ready:
            self.fault = StackError("GraphiQL is not built", "Build it with `make studio`.")
        self.advance()

    def advance(self) -> bool:
        """Look after the build, without waiting; True once, when it has ended one way or the other."""
        if self.is_ready or self.fault is not None:
            return False
        if self._child is not None and self._child.poll() is None:
            return False
        try:
            self._child = next(self._steps, None)
        except StackError as error:
            self.fault = error
            _write_page("GraphiQL could not be built", str(error), refresh=False)
            return True
        if self._child is None:
            _STAMP.write_text(self._digest)
            self.is_ready = True
        return self.is_ready

    def stop(self) -> None:
        """End a build that still runs; the next start begins again."""
        if self._child is not None:
            stop_all([self._child])

    def _build(self, environment: Mapping[str, str], logs: Path) -> Iterator[Child]:
        """Start one step after the other; each is asked for when the one before has ended."""
        node = find_node()
        _write_page("GraphiQL is being built", "This page looks again by itself.", refresh=True)
        with_node = {**environment, "PATH": f"{node.parent}:{environment.get('PATH', '')}"}
        # Install scripts have no part in the build, and are other people's code.
        # Whoever waits for a first query goes first.
        gently = ["nice", "-n", "10"] if shutil.which("nice") else []
        install: list[str | Path] = [*gently, *npm_of(node), "install", *_INSTALL_OPTIONS]
        build: list[str | Path] = [*gently, node, "node_modules/vite/bin/vite.js", "build"]
        for name, command in (("studio-install", install), ("studio-build", build)):
            child = Child(name, command, environment=with_node, logs=logs, cwd=_FOLDER)
            yield child
            if child.poll() != 0:
                raise child.fault("failed")


def _write_page(title: str, text: str, *, refresh: bool) -> None:
    _DIST.mkdir(exist_ok=True)
    _STAMP.unlink(missing_ok=True)
    meta = '<meta http-equiv="refresh" content="3">' if refresh else ""
    page = _PAGE.format(title=escape(title), text=escape(text), refresh=meta)
    (_DIST / "index.html").write_text(page)
