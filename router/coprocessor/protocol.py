"""The messages of the protocol: what is written for each stage, and what may be read back.

Spec: Apollo Router, external coprocessing, protocol version 1.
"""

from dataclasses import dataclass, field

from router.coprocessor.context_keys import read_entries, write_entries
from router.coprocessor.options import StageOptions
from router.hooks.context import Context
from router.hooks.errors import HookError
from router.hooks.messages import HeaderLists
from router.kit.json import JsonObject, JsonValue

VERSION = 1
BREAK_STATUS = 400

WIRE_NAMES = {
    "service_name": "serviceName",
    "status_code": "statusCode",
    "subgraph_request_id": "subgraphRequestId",
}
"""Parts whose names in messages are not those of the configuration."""

_TOLD_OF_PARTS = ("SupergraphResponse", "ExecutionResponse")
"""Stages that see each part of a response as JSON, and are told whether there are more."""


@dataclass(slots=True)
class Question:
    """One message to the coprocessor.

    Attributes:
        stage: `RouterRequest`, `SubgraphResponse`, ...
        facts: everything that could be sent, by the names of the configuration.
    """

    stage: str
    context: Context
    options: StageOptions
    facts: JsonObject
    sent_entries: JsonObject = field(default_factory=dict)

    @property
    def is_request(self) -> bool:
        """Whether it is about a request, which the answer may end."""
        return self.stage.endswith("Request")

    def write(self) -> JsonObject:
        """The message, with the parts that are selected."""
        message: JsonObject = {"version": VERSION, "stage": self.stage}
        if self.is_request:
            message["control"] = "continue"
        message["id"] = self.context.id
        for part, value in self.facts.items():
            if part in self.options.parts:
                message[WIRE_NAMES.get(part, part)] = value
        if self.stage in _TOLD_OF_PARTS:
            body = self.facts.get("body")
            message["hasNext"] = isinstance(body, dict) and body.get("hasNext") is True
        if self.options.context is not None:
            self.sent_entries = write_entries(self.context.entries, self.options.context)
            message["context"] = {"entries": self.sent_entries}
        return message


@dataclass(frozen=True, slots=True)
class Reply:
    """What a coprocessor has answered.

    Attributes:
        break_status: the HTTP status with which the request ends here; None if it goes on.
        headers, body, status, uri: None if they stay as they are.
    """

    break_status: int | None
    headers: HeaderLists | None
    body: JsonValue
    status: int | None
    uri: JsonValue = None


def read_reply(question: Question, answer: JsonObject) -> Reply:
    """Read an answer, and change the context as it says.

    Raises:
        HookError: it is not of the protocol.
    """
    version, stage = answer.get("version"), answer.get("stage")
    if version != VERSION or isinstance(version, bool):
        raise HookError(f"Coprocessor returned the wrong version: expected `{VERSION}` found `{version}`")
    if stage != question.stage:
        raise HookError(f"Coprocessor returned the wrong stage: expected `{question.stage}` found `{stage}`")
    if question.is_request and answer.get("control") is None:
        raise HookError(
            f"Coprocessor response is missing the `control` parameter in the `{stage}` stage. "
            'You must specify "control": "continue" or "control": {"break": status}'
        )
    context = answer.get("context")
    if isinstance(context, dict) and isinstance(context.get("entries"), dict) and question.options.context:
        read_entries(
            question.context.entries, question.sent_entries, context["entries"], question.options.context
        )
    status = answer.get("statusCode")
    return Reply(
        _read_control(answer["control"]) if question.is_request else None,
        _read_headers(answer.get("headers")),
        answer.get("body"),
        None if status is None else _check_status(status),
        answer.get("uri") if answer.get("uri") != question.facts.get("uri") else None,
    )


def _read_control(control: JsonValue) -> int | None:
    if control == "continue":
        return None
    if control == "break":
        return BREAK_STATUS
    if isinstance(control, dict) and set(control) == {"break"}:
        return _check_status(control["break"])
    raise HookError('the coprocessor\'s control is neither "continue" nor {"break": status}')


def _check_status(status: JsonValue) -> int:
    if isinstance(status, bool) or not isinstance(status, int) or not 200 <= status <= 599:  # noqa: PLR2004 -- HTTP's
        raise HookError("the coprocessor's status is none of HTTP's")
    return status


def _read_headers(headers: JsonValue) -> HeaderLists | None:
    if headers is None:
        return None
    if not isinstance(headers, dict) or not all(
        isinstance(values, list) and all(isinstance(value, str) for value in values)
        for values in headers.values()
    ):
        raise HookError("the coprocessor's headers are no lists of strings by name")
    return {name.lower(): values for name, values in headers.items()}
