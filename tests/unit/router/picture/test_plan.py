"""The picture of a plan: its cards, what leads where, and that it is sound SVG."""

from xml.etree import ElementTree as ET

import pytest

from router.__main__ import main
from router.picture import draw_plan
from router.query_plan.nodes import (
    Condition,
    Fetch,
    OperationKind,
    Parallel,
    QueryPlan,
    Sequence,
    Subscription,
)
from tests.support.small_graph import SUPERGRAPH

_SVG = "{http://www.w3.org/2000/svg}"


def fetch(subgraph):
    return Fetch(subgraph, OperationKind.QUERY, "{ field }")


def draw(node):
    return ET.fromstring(draw_plan(QueryPlan(OperationKind.QUERY, node)))  # noqa: S314 -- our own


def arrows(picture):
    return [path for path in picture.iter(f"{_SVG}path") if path.get("class") == "tip"]


def texts(picture):
    return [text.text for text in picture.iter(f"{_SVG}text")]


@pytest.mark.parametrize(
    ("node", "count"),
    [
        (fetch("a"), 0),
        (Sequence((fetch("a"), fetch("b"))), 1),
        (Parallel((fetch("a"), fetch("b"))), 0),
        (Sequence((fetch("a"), Parallel((fetch("b"), fetch("c"))), fetch("a"))), 4),
    ],
)
def test_arrows_lead_from_what_comes_first(node, count):
    assert len(arrows(draw(node))) == count


def test_conditions_and_subscriptions_are_framed():
    shown = texts(draw(Condition("big", fetch("a"), fetch("b"))))
    assert {"if $big", "unless $big"} <= set(shown)

    shown = texts(draw(Subscription(fetch("a"), fetch("b"))))
    assert {"events", "on each event"} <= set(shown)


def test_a_plan_that_fetches_nothing_has_a_picture():
    assert "nothing is fetched" in texts(draw(None))


def test_names_are_escaped():
    assert "<b>" in texts(draw(fetch("<b>")))


def test_the_command_draws(tmp_path, capsys):
    path = tmp_path / "supergraph.graphql"
    path.write_text(SUPERGRAPH)

    assert main(["plan", "-s", str(path), "-o", "{ me { id } }", "--format", "svg"]) == 0
    assert "query: 1 fetch over 1 subgraph" in capsys.readouterr().out
