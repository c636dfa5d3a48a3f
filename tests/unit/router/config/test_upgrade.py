"""Old files: what was renamed is read under its new name, and told."""

import pytest

from router.config.router_yaml import describe_options, read_router_yaml
from router.config.upgrade import CHANGES, Move, upgrade


def test_a_file_of_today_is_left_alone():
    value = {"supergraph": {"listen": "x:1"}, "limits": {"max_depth": 3}}
    assert upgrade(value) == (value, [])
    assert upgrade(None) == (None, [])


@pytest.mark.parametrize("change", CHANGES, ids=str)
def test_every_change_is_made_and_told(change):
    path = (change.source if isinstance(change, Move) else change.path).replace("*", "products")
    value = "v"
    for step in reversed(path.split(".")):
        value = {step: value}
    upgraded, told = upgrade(value)
    assert len(told) >= 1
    assert told[0].startswith(path)
    assert upgraded != value


def test_what_moves_leads_to_a_key_that_exists():
    known = {option.name for option in describe_options()}
    for change in CHANGES:
        if isinstance(change, Move):
            steps = change.target.split(".")
            assert any(".".join(steps[:n]) in known for n in range(1, len(steps) + 1)), change


def test_origins_become_a_policy_and_an_issuer_a_list():
    upgraded, told = upgrade(
        {
            "cors": {"origins": ["https://a.test"], "allow_credentials": True},
            "authentication": {"router": {"jwt": {"jwks": [{"url": "https://k.test", "issuer": "i"}]}}},
        }
    )
    assert upgraded["cors"] == {"allow_credentials": True, "policies": [{"origins": ["https://a.test"]}]}
    assert upgraded["authentication"]["router"]["jwt"]["jwks"] == [
        {"url": "https://k.test", "issuers": ["i"]}
    ]
    assert len(told) == 2


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("/:tenant/graphql", "/{tenant}/graphql"),
        ("/graphql/*", "/graphql/{*rest}"),
        ("/:a/*others", "/{a}/{*others}"),
        ("/graphql/{id}", "/graphql/{id}"),
        ("/a:b", "/a:b"),
    ],
)
def test_parameters_of_paths_are_written_in_another_way(old, new):
    upgraded, told = upgrade({"supergraph": {"path": old}})
    assert upgraded == {"supergraph": {"path": new}}
    assert len(told) == (old != new)


def test_what_is_there_under_its_new_name_holds():
    upgraded, told = upgrade(
        {"preview_operation_limits": {"max_depth": 1, "max_height": 2}, "limits": {"max_depth": 9}}
    )
    assert upgraded == {"limits": {"max_depth": 9, "max_height": 2}}
    assert told == ["preview_operation_limits is limits now, which is there too and holds"]


def test_an_old_file_is_served_with_a_warning_for_each_change():
    config = read_router_yaml(
        "preview_operation_limits: {max_depth: 7}\nexperimental_query_planner_mode: new", {}
    )
    assert config.pipeline.limits.max_depth == 7
    assert [warning.split(";")[0] for warning in config.warnings] == [
        "experimental_query_planner_mode has no meaning any more",
        "preview_operation_limits is limits now",
    ]
