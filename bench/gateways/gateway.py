"""The gateways: how each is started, and one that runs."""

import shlex
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

from bench.gateways.answers import find_difference, post
from bench.gateways.processes import find_free_port, spawn, stop
from bench.gateways.workload import Workload

FOLDER = Path(__file__).parent
ROOT = FOLDER.parents[1]
WORK = FOLDER / ".work"
START_TIMEOUT_S = 60

_HIVE = "node {bench}/node_modules/.bin/hive-gateway supergraph {supergraph} -h 127.0.0.1 -p {port} -c {bench}/peers/hive.config.mjs"
_GRAFBASE = "@grafbase/cli-x86_64-unknown-linux-musl"
_OURS = f"{shlex.quote(sys.executable)} -m router serve --supergraph {{supergraph}} --listen 127.0.0.1:{{port}} -c {{bench}}/peers/"

PACKAGES = {
    "ours": "",
    "ours-dedupe": "",
    "grafbase": _GRAFBASE,
    "hive-rr": "@graphql-hive/router-runtime",
    "hive-js": "@graphql-hive/gateway",
    "apollo-gateway": "@apollo/gateway",
    "mercurius": "@mercuriusjs/gateway",
}
"""The package that each gateway comes from, in node_modules; none for ours."""

COMMANDS = {
    "ours": f"cd {shlex.quote(str(ROOT))} && exec {_OURS}ours.yaml",
    "ours-dedupe": f"cd {shlex.quote(str(ROOT))} && exec {_OURS}ours-dedupe.yaml",
    "grafbase": f"exec {{bench}}/node_modules/{_GRAFBASE}/grafbase --home {{work}} dev -c {{work}}/grafbase.toml -p {{port}}",
    "hive-rr": f"exec {_HIVE} --hive-router-runtime",
    "hive-js": f"exec {_HIVE} --jit",
    "apollo-gateway": "exec node {bench}/peers/apollo.mjs {supergraph} {port}",
    "mercurius": "exec node {bench}/peers/mercurius.mjs {subgraphs} {port}",
}


@dataclass(slots=True)
class Gateway:
    """One gateway.

    Attributes:
        problem: why it is out of the race.
        wrong: by workload, why it is not measured with that one.
        headers: what each request to it says besides.
    """

    name: str
    command: str
    port: int = field(default_factory=find_free_port)
    process: subprocess.Popen[bytes] | None = None
    problem: str | None = None
    wrong: dict[str, str] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self.port}/graphql"

    def get_answer_file(self, workload: Workload) -> Path:
        """Its own right answer, which the load generator compares bytes with."""
        return WORK / f"{self.name}-{workload.name}.answer"

    def start(self, subgraphs_url: str, cpus: set[int]) -> None:
        """Start it and wait until it answers."""
        command = self.command
        known = {
            "port": str(self.port),
            "supergraph": shlex.quote(str(WORK / "supergraph.graphql")),
            "subgraphs": subgraphs_url,
            "work": shlex.quote(str(WORK)),
            "bench": shlex.quote(str(FOLDER)),
        }
        for name, value in known.items():
            command = command.replace(f"{{{name}}}", value)
        log = WORK / f"{self.name}.log"
        with log.open("wb") as output:
            self.process = spawn(
                ["bash", "-c", command], cpus, stdout=output, environment={"PORT": str(self.port)}
            )
        deadline = time.monotonic() + START_TIMEOUT_S
        while time.monotonic() < deadline and self.process.poll() is None:
            try:
                if b"__typename" in post(self.url, b'{"query":"{ __typename }"}', 5):
                    return
            except OSError:
                pass
            time.sleep(0.2)
        self._fail(f"did not come up, see {log}")

    def verify(self, workload: Workload) -> None:
        """Keep its answer for the load generator, if it is the right one."""
        try:
            answer = post(self.url, workload.body, more=self.headers)
            problem = find_difference(answer, workload.expected)
        except (OSError, ValueError) as error:
            answer, problem = b"", repr(error)
        if problem is not None:
            self.wrong[workload.name] = problem
            print(f"!! {self.name}, {workload.name}: {problem}", file=sys.stderr)
        else:
            self.get_answer_file(workload).write_bytes(answer)

    def stop(self) -> None:
        """End it, if it was started."""
        if self.process is not None:
            stop(self.process)

    def _fail(self, problem: str) -> None:
        self.problem = problem
        print(f"!! {self.name}: {problem}", file=sys.stderr)


def find_gateways(names: list[str], before: Path | None) -> list[Gateway]:
    """The named gateways that are installed; and ours as it is in the checkout `before`.

    Raises:
        KeyError: there is no such gateway.
    """
    found = []
    for name in names:
        package = PACKAGES[name]
        if package and not (FOLDER / "node_modules" / package).is_dir():
            print(f"-- {name}: {package} is not installed, left out", file=sys.stderr)
        else:
            found.append(Gateway(name, COMMANDS[name]))
    if before is not None:
        found.append(Gateway("before", f"cd {shlex.quote(str(before.resolve()))} && exec {_OURS}ours.yaml"))
    return found
