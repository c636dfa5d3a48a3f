"""What is said of all subgraphs and of one: the one's options hold there, key by key, and nowhere else.

Law: of a subgraph `{all: A, subgraphs: {it: B}}` says what `{all: A with B put over it}` says; of others what `{all: A}` says.
"""

import random

import pytest

from router.config.describe import NAME, Effect
from router.config.router_yaml import describe_options, read_router_config

OPTIONS = describe_options()
NAMES = {option.name for option in OPTIONS}
WHOLE = ("headers.", "include_subgraph_errors.", "authentication.subgraph.")
"""Lists of rules go on from those for all, and credentials are not put together from two places: they have tests of their own."""
PAIRS = [
    option
    for option in OPTIONS
    if f"subgraphs.{NAME}" in option.name
    and option.general_name in NAMES
    and option.effect is Effect.FULL
    and option.kind != "mapping"
    and not option.name.startswith(WHOLE)
    and ".tls." not in option.name
    # It stands for `ttl` where that is not said, also of a subgraph with a Redis of its own.
    and not option.name.endswith("redis.ttl")
    and not option.name.startswith("tls.")
]
SECTIONS = sorted({option.name.partition(f"subgraphs.{NAME}")[0] for option in PAIRS})
NEEDED = {
    "response_cache.": {"response_cache": {"enabled": True}},
    "preview_entity_cache.": {"preview_entity_cache": {"enabled": True}},
    "batching.": {"batching": {"enabled": True}},
    "demand_control.": {"demand_control": {"enabled": True, "strategy": {"static_estimated": {"list_size": 1, "max": 9}}}},
}  # fmt: skip
FORMS = {
    "boolean": [True, False],
    "time": ["1s", "3s", "1min"],
    "number": [1, 2, 7],
    "number, or string": ["10%", 0.9],
    "string": ["a", "b"],
    "list": [[500], [503, 504]],
    "list of strings": [["redis://a"], ["redis://b"]],
}


def draw(option, chance):
    """A value that the option may have."""
    words = option.form.get("enum")
    if option.name.endswith(".retry_mutations"):
        return False
    return chance.choice(words or FORMS[option.kind])


def draw_some(section, chance):
    """What a section may say of subgraphs: the wholes as wholes, of the others any."""
    said = {}
    for option in PAIRS:
        path = option.name.removeprefix(section + f"subgraphs.{NAME}.")
        if path == option.name or (chance.random() < 0.6 and not path.startswith("global_rate_limit")):
            continue
        put(said, path.split("."), draw(option, chance))
    if "redis" in said:
        said["redis"]["urls"] = ["redis://a"]
    rate = said.get("global_rate_limit")
    if rate and ("capacity" not in rate or "interval" not in rate or chance.random() < 0.5):
        del said["global_rate_limit"]
    return said


def put(said, path, value):
    for step in path[:-1]:
        said = said.setdefault(step, {})
    said[path[-1]] = value


def put_over(under, over):
    """A section with another's keys over its own; a Redis is one as a whole."""
    merged = dict(under)
    for key, value in over.items():
        is_both = isinstance(value, dict) and isinstance(under.get(key), dict) and key != "redis"
        merged[key] = put_over(under[key], value) if is_both else value
    return merged


def read(section, said):
    """What holds for the subgraphs `it` and `other`."""
    config = {}
    for top, needed in NEEDED.items():
        if section.startswith(top):
            config = {key: dict(value) for key, value in needed.items()}
    for path, value in said.items():
        inner = config
        for step in section.strip(".").split("."):
            inner[step] = dict(inner.get(step, {}))
            inner = inner[step]
        inner[path] = value
    found = read_router_config(config, {})
    executor, demand = found.executor, found.pipeline.demand
    cache = executor.response_cache
    return [
        (
            executor.traffic.of_subgraph(name),
            executor.batching.is_for(name),
            executor.automatic_queries.is_for(name),
            cache and cache.of_subgraph(name),
            cache and (cache.subgraph_redis.get(name) or cache.redis),
            demand and demand.of_subgraph(name),
        )
        for name in ("it", "other")
    ]


@pytest.mark.parametrize("section", SECTIONS)
def test_what_is_said_of_one_is_put_over_what_is_said_of_all(section):
    chance = random.Random(section)  # noqa: S311 -- draws of a test
    for _ in range(60):
        of_all, of_one = draw_some(section, chance), draw_some(section, chance)
        it, other = read(section, {"all": of_all, "subgraphs": {"it": of_one}})
        assert it == read(section, {"all": put_over(of_all, of_one)})[0], (of_all, of_one)
        assert other == read(section, {"all": of_all})[0], (of_all, of_one)


def test_the_law_is_about_every_section_that_has_both():
    assert SECTIONS == [
        "apq.subgraph.",
        "batching.subgraph.",
        "demand_control.strategy.static_estimated.subgraph.",
        "preview_entity_cache.subgraph.",
        "response_cache.subgraph.",
        "traffic_shaping.",
    ]
