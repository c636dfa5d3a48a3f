"""Apollo's gateway on our supergraph, as an oracle: another program that must give the same answers."""

import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from tests.support.marketplace import Marketplace

FOLDER = Path(__file__).parents[1] / "e2e" / "apollo_gateway"
# Apollo's gateway refuses security features that it does not implement, which is right, and which its own router does
# implement. The subgraphs enforce them too, so without the purpose the answers must still be the same.
_ACCESS_LINK = re.compile(
    r'(@link\(url: "[^"]*/(?:authenticated|requiresScopes|policy)/v0\.1"), for: SECURITY\)'
)


@contextmanager
def running_gateway(supergraph_sdl: str, path: Path) -> Iterator[str]:
    """A gateway on a free port; gives its URL."""
    node = shutil.which("node")
    assert node is not None
    path.write_text(_ACCESS_LINK.sub(r"\1)", supergraph_sdl))
    with subprocess.Popen(
        [node, "gateway.mjs", str(path)],
        cwd=FOLDER,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            assert process.stdout is not None
            port = process.stdout.readline().strip()
            if not port:
                assert process.stderr is not None
                raise AssertionError(f"the gateway did not start: {process.stderr.read()[-2000:]}")
            yield f"http://127.0.0.1:{port}/"
        finally:
            process.terminate()


def subgraph_urls(marketplace: Marketplace) -> Mapping[str, str]:
    """What supergraph.yaml reads of the environment: where each subgraph listens."""
    return {
        f"{name.upper()}_URL": f"http://127.0.0.1:{port}"
        for name, port in marketplace.ports.items()
        if name != "router"
    }
