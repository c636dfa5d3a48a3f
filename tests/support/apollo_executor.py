"""Apollo's gateway as an oracle of execution: it plans and runs, we answer what it asks subgraphs."""

import base64
import json
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

from router.executor.transport import SubgraphAnswer, TransportError
from router.kit.json import JsonObject

SCRIPT = Path(__file__).parents[1] / "conformance" / "oracles" / "gateway.mjs"

Answer = Callable[[str, bytes], SubgraphAnswer | TransportError]


@dataclass(frozen=True)
class ApolloGateway:
    """A running gateway."""

    process: "subprocess.Popen[str]"
    questions: Iterator[int] = field(default_factory=count)

    def run(self, sdl: str, query: str, variables: JsonObject, answer: Answer) -> JsonObject:
        """Run one operation; gives `plan` and `response`, or `thrown`."""
        question = next(self.questions)
        self._say({"question": question, "sdl": sdl, "query": query, "variables": variables})
        while True:
            message = self._hear()
            if message["question"] != question:
                # A fetch of an operation that the gateway has given up.
                continue
            if "number" not in message:
                return message
            answered = answer(message["subgraph"], base64.b64decode(message["body"]))
            if isinstance(answered, TransportError):
                self._say({"number": message["number"], "failure": str(answered)})
            else:
                body = base64.b64encode(answered.body).decode()
                headers = dict(answered.headers)
                self._say(
                    {"number": message["number"], "status": answered.status, "headers": headers, "body": body}
                )

    def _say(self, message: JsonObject) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(message) + "\n")
        self.process.stdin.flush()

    def _hear(self) -> JsonObject:
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line, f"the gateway has ended: {self.process.stderr.read() if self.process.stderr else ''}"
        heard: JsonObject = json.loads(line)
        return heard


@contextmanager
def running_executor() -> Iterator[ApolloGateway]:
    """A gateway that is asked over its standard input."""
    node = shutil.which("node")
    assert node is not None
    with subprocess.Popen(
        [node, SCRIPT.name],
        cwd=SCRIPT.parent,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            yield ApolloGateway(process)
        finally:
            process.terminate()
