"""What is known about one request, shared by everything that serves it: Apollo Router's context."""

import secrets
from collections.abc import Iterable, Mapping, Sequence

from msgspec import Struct, field

from router.hooks.uploads import UploadedFile
from router.kit.json import JsonObject, JsonValue

_Headers = tuple[tuple[str, str], ...]

ID_BYTES = 16

JWT_CLAIMS = "apollo::authentication::jwt_claims"
OPERATION_NAME = "apollo::supergraph::operation_name"
OPERATION_KIND = "apollo::supergraph::operation_kind"
CLIENT_NAME = "apollo::telemetry::client_name"
CLIENT_VERSION = "apollo::telemetry::client_version"

CLIENT_HEADERS: Mapping[str, str] = {
    "apollographql-client-name": CLIENT_NAME,
    "apollographql-client-version": CLIENT_VERSION,
}
"""In which headers clients say who they are, unless a configuration names others; and where the context has it."""


def make_id() -> str:
    """A new request's id: 32 hexadecimal digits."""
    return secrets.token_hex(ID_BYTES)


class Waiting(Struct):
    """How long at least one request to a subgraph was under way. Times are seconds on any one clock.

    Attributes:
        total_s: of what has ended.
        count: how many are under way, since `since_s`.
    """

    total_s: float = 0.0
    count: int = 0
    since_s: float = 0.0


class Context(Struct):
    """One request's context. It is made only where something that is configured looks at it.

    Attributes:
        entries: JSON values under Apollo's keys (`apollo::authentication::jwt_claims`) and those of plugins.
        is_identified: whether the caller's token has been looked at: then the entry `JWT_CLAIMS`, or that there is none,
            is what holds, also where a hook has changed it.
        answered: the subgraphs that have answered, with their answers' headers, where somebody collects them.
        waiting: for subgraphs, where somebody measures it.
        headers: the client's, names in lower case.
        document, operation_name, variables: of the operation that is served, once it is known.
        uploads: the files that came with the request, by what stands for them in its variables.
        errors: of its response, where somebody looks.
        extensions: what those who serve it want to say to the client beside the data.
        parent: headers that tell subgraphs of its trace, where that is not recorded; None where it is.
        told: headers for a subgraph, and the same with `parent`.
    """

    entries: JsonObject = field(default_factory=dict)
    is_identified: bool = False
    answered: list[tuple[str, Mapping[str, str]]] = field(default_factory=list)
    waiting: Waiting = field(default_factory=Waiting)
    headers: _Headers = ()
    document: str | None = None
    operation_name: str | None = None
    variables: JsonObject | None = None
    uploads: Mapping[str, UploadedFile] | None = None
    errors: Sequence[JsonValue] = ()
    extensions: JsonObject = field(default_factory=dict)
    parent: Mapping[str, str] | None = None
    told: tuple[_Headers, _Headers] | None = None
    _id: str = ""

    @property
    def id(self) -> str:
        """What tells the request from others; hardly anybody asks, so it is made for who does."""
        if not self._id:
            self._id = make_id()
        return self._id

    def fork(self) -> "Context":
        """A context for one request of a batch: what is known so far, and nothing shared from here on."""
        return Context(
            dict(self.entries), self.is_identified, headers=self.headers, parent=self.parent, _id=self.id
        )


def build_context(
    headers: Iterable[tuple[str, str]], client_headers: Mapping[str, str] = CLIENT_HEADERS
) -> Context:
    """The context of a request that has just come, with what its headers (names in lower case) say of the client.

    `client_headers` are those that say it, as in `CLIENT_HEADERS`.
    """
    headers = tuple(headers)
    entries: JsonObject = {}
    for name, value in headers:
        if name in client_headers:
            entries[client_headers[name]] = value
    return Context(entries, headers=headers)
