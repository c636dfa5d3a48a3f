"""What clients see of subgraphs' errors: every form of `include_subgraph_errors`, and the way back from an id to the logs."""

import pytest

from router.config.problems import ConfigurationError
from router.config.router_yaml import read_router_config
from router.errors import ResponseError
from router.executor.failures import LOGGED_MAX, expose_all
from router.pipeline.request import Request
from router.pipeline.stages import answer
from tests.support.small_graph import SmallGraph

REDACTED = "Subgraph errors redacted"
ERROR = ResponseError("secret", ("me",), {"code": "C", "debug": "d"}, subgraph="users")


def show(section, error=ERROR):
    options = read_router_config({"include_subgraph_errors": section}, {}).executor.error_exposure
    [shown] = expose_all([error], options)
    return shown.message, dict(shown.extensions)


@pytest.mark.parametrize(
    ("section", "message", "keys"),
    [
        ({}, REDACTED, ""),
        ({"all": False}, REDACTED, ""),
        ({"all": True}, "secret", "code debug service"),
        ({"all": False, "subgraphs": {"users": True}}, "secret", "code debug service"),
        ({"all": True, "subgraphs": {"users": False}}, REDACTED, ""),
        ({"all": True, "subgraphs": {"other": False}}, "secret", "code debug service"),
        ({"all": {"allow_extensions_keys": ["code"]}}, "secret", "code"),
        ({"all": {"allow_extensions_keys": []}}, "secret", ""),
        ({"all": {"deny_extensions_keys": ["debug"]}}, "secret", "code service"),
        ({"all": {"redact_message": True}}, REDACTED, "code debug service"),
        ({"all": {"redact_message": True, "allow_extensions_keys": ["code"]}}, REDACTED, "code"),
        (
            {"all": {"redact_message": True}, "subgraphs": {"users": {"redact_message": False}}},
            "secret",
            "code debug service",
        ),
        (
            {
                "all": {"allow_extensions_keys": ["code"]},
                "subgraphs": {"users": {"allow_extensions_keys": ["debug"]}},
            },
            "secret",
            "code debug",
        ),
        (
            {
                "all": {"allow_extensions_keys": ["code"]},
                "subgraphs": {"users": {"allow_extensions_keys": ["debug"], "exclude_global_keys": ["code"]}},
            },
            "secret",
            "debug",
        ),
        (
            {
                "all": {"allow_extensions_keys": ["code", "debug"]},
                "subgraphs": {"users": {"deny_extensions_keys": ["debug"]}},
            },
            "secret",
            "code",
        ),
        (
            {
                "all": {"deny_extensions_keys": ["code"]},
                "subgraphs": {"users": {"deny_extensions_keys": ["debug"]}},
            },
            "secret",
            "service",
        ),
        (
            {
                "all": {"deny_extensions_keys": ["code", "debug"]},
                "subgraphs": {"users": {"exclude_global_keys": ["debug"]}},
            },
            "secret",
            "debug service",
        ),
        (
            {
                "all": {"deny_extensions_keys": ["code"]},
                "subgraphs": {"users": {"allow_extensions_keys": ["code"]}},
            },
            "secret",
            "code",
        ),
    ],
    ids=str,
)
def test_every_form(section, message, keys):
    shown, extensions = show(section)
    assert (shown, sorted(extensions)) == (message, keys.split())


def test_the_routers_own_errors_are_never_hidden():
    own = ResponseError("ours", extensions={"code": "X"})
    assert show({"error_id": True}, own) == ("ours", {"code": "X"})


def test_allowing_and_denying_at_once_is_refused():
    both = {"all": {"allow_extensions_keys": ["a"], "deny_extensions_keys": ["b"]}}
    with pytest.raises(ConfigurationError, match="cannot go with deny_extensions_keys"):
        show(both)


async def test_an_id_leads_from_what_the_client_sees_to_the_original_in_the_logs(caplog):
    graph = SmallGraph()

    def fail(*_):
        raise ValueError("the password of the database is x")

    graph.users.root["me"] = fail
    app = graph.build_app({"include_subgraph_errors": {"error_id": True}})
    response = await answer(Request("{ me { id } }"), app._server._generation)
    await app.close()
    [error] = response.body["errors"]
    assert (error["message"], error["path"]) == (REDACTED, ["me"])
    assert list(error["extensions"]) == ["error_id"]
    [record] = [each.getMessage() for each in caplog.records if "hidden error" in each.getMessage()]
    assert error["extensions"]["error_id"] in record
    assert "the password of the database is x" in record


def test_thousands_of_errors_are_a_few_lines_in_the_logs(caplog):
    options = read_router_config({"include_subgraph_errors": {"error_id": True}}, {}).executor.error_exposure
    shown = expose_all([ERROR] * 5000, options)
    assert len({each.extensions["error_id"] for each in shown}) == 1
    assert len(caplog.records) == LOGGED_MAX + 1
    assert caplog.records[-1].getMessage().startswith("4980 more hidden errors")
