"""`python -m bench.planning.hostile`: operations made to be hard, and what it costs to plan or to refuse each.

Each runs in a process of its own, cold, under the limits that are the router's own but for that on tokens, which stops most of
them before anything is looked at. Printed are CPU milliseconds of each stage, what the process grew by, and what came out.
"""

import argparse
import resource
import sys
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, replace
from multiprocessing import get_context
from typing import TypeVar

from router.errors import RefusedError
from router.pipeline.parse import parse_document
from router.pipeline.validate import validate_document
from router.planner import Planner
from router.planner.errors import PlanningError
from router.policy.limits import find_excesses
from router.policy.options import LimitOptions
from tests.support.federation_plans import Federation, count_fetches

CPU_MAX_S = 60
"""Of one operation; then its process ends."""

Result = TypeVar("Result")

LIMITS = replace(LimitOptions(), parser_max_tokens=1_000_000)


@dataclass(frozen=True, slots=True)
class Hostile:
    """One operation."""

    name: str
    subgraphs: Mapping[str, str]
    text: str


def _times(text: str, count: int) -> str:
    """`text` many times, its `#` replaced by 0, 1, ..."""
    return " ".join(text.replace("#", str(n)) for n in range(count))


def _nest(opening: str, levels: int, inside: str) -> str:
    return opening * levels + inside + " }" * ((opening.count("{") - opening.count("}")) * levels)


_TWO = {
    "a": 'type Query { a: A } type A @key(fields: "id") { id: ID! x: Int a: A s(n: Int): A }',
    "b": 'type A @key(fields: "id") { id: ID! y: Int b: A }',
}
_KEYS = '@key(fields: "id") @key(fields: "k") @key(fields: "j")'
_THIRTY = {
    f"g{n}": f"type Query {{ all: All @shareable }} type All {_KEYS} {{ id: ID! k: ID! j: ID! f{n}: Int s: Int @shareable e: All @shareable }}"
    for n in range(30)
}
_IMPLEMENTORS = {
    "a": "type Query { n: [I] } interface I { id: ID! i: I } "
    + _times('type T# implements I @key(fields: "id") { id: ID! i: I }', 200),
    "b": "interface I { id: ID! x: Int } "
    + _times('type T# implements I @key(fields: "id") { id: ID! x: Int y#: Int i2: I }', 200),
}
_UNIONS = {
    f"g{n}": f"type Query {{ u{n}: U }} union U = {' | '.join(f'M{m}' for m in range(100))} "
    + _times(f'type M# @key(fields: "id") {{ id: ID! v{n}: Int w{n}: U }}', 100)
    for n in range(10)
}
_TREE = {
    "a": "type Query { n: N } interface N { id: ID! l: N r: N } "
    + _times('type T# implements N @key(fields: "id") { id: ID! l: N r: N }', 8),
    "b": "interface N { id: ID! x: Int } "
    + _times('type T# implements N @key(fields: "id") { id: ID! x: Int }', 8),
}
_CONDITIONS = ", ".join(f"$v{n}: Boolean!" for n in range(1000))
_TWENTY = ", ".join(f"$v{n}: Boolean!" for n in range(20))


def build_hostile() -> list[Hostile]:
    """All of them."""
    bomb = " ".join(f"fragment F{n} on A {{ ...F{n + 1} ...F{n + 1} }}" for n in range(30))
    forest = " ".join(f"fragment F{n} on A {{ a {{ ...F{n + 1} }} s {{ ...F{n + 1} }} }}" for n in range(25))
    many = _times("... on T# { i { id x } }", 15)
    return [
        Hostile("10,000 aliases of one object", _TWO, f"{{ {_times('a#: a { x } b#: a { x }', 5000)} }}"),
        Hostile("10,000 aliases, each with a hop", _TWO, f"{{ {_times('a#: a { y } b#: a { y }', 5000)} }}"),
        Hostile("10,000 aliases of a leaf", _TWO, f"{{ a {{ {_times('x#: x y#: y', 5000)} }} }}"),
        Hostile("1,000 arguments, each with hops", _TWO, f"{{ a {{ {_times('s#: s(n: #) { x y b { x y } }', 1000)} }} }}"),
        Hostile("fragments doubled 30 times", _TWO, f"{{ a {{ ...F0 }} }} {bomb} fragment F30 on A {{ y }}"),
        Hostile("fields doubled 25 times", _TWO, f"{{ a {{ ...F0 }} }} {forest} fragment F25 on A {{ y }}"),
        Hostile("200 implementors, a fragment on each", _IMPLEMENTORS, f"{{ n {{ {_times('... on T# { y# }', 200)} }} }}"),
        Hostile("the same, three levels of it", _IMPLEMENTORS, f"{{ n {{ {_nest(_times('... on T# { y# }', 200) + ' i { ', 3, 'id')} }} }}"),
        Hostile("15 fragments in each of 200", _IMPLEMENTORS, f"{{ n {{ {' '.join(f'... on T{n} {{ i {{ {many} }} }}' for n in range(200))} }} }}"),
        Hostile("30 subgraphs that share a root", _THIRTY, f"{{ all {{ {_times('f#', 30)} s }} }}"),
        Hostile("the same, 3 levels of it", _THIRTY, f"{{ all {{ {_nest(_times('f#', 30) + ' s e { ', 3, 's')} }} }}"),
        Hostile("the same, 12 levels of one field", _THIRTY, f"{{ all {{ {_nest('e { s ', 12, 'f1')} }} }}"),
        Hostile("498 levels", _TWO, f"{{ {_nest('a { ', 498, 'x')} }}"),
        Hostile("498 levels, each a hop", _TWO, f"{{ a {{ {_nest('b { a { y ', 248, 'x')} }} }}"),
        Hostile("1,000 conditions", _TWO, f"query ({_CONDITIONS}) {{ a {{ {_times('x#: x @include(if: $v#)', 1000)} }} }}"),
        Hostile("1,000 conditions, each with a hop", _TWO, f"query ({_CONDITIONS}) {{ {_times('a#: a { y @include(if: $v#) }', 1000)} }}"),
        Hostile("1,000 conditions on fragments with hops", _TWO, f"query ({_CONDITIONS}) {{ a {{ {_times('... @include(if: $v#) { s { y } }', 1000)} }} }}"),
        Hostile("conditions 20 deep", _TWO, f"query ({_TWENTY}) {{ a {{ {''.join(f's @include(if: $v{n}) {{ y b {{ x }} ' for n in range(20))} id {' }' * 20} }} }}"),
        Hostile("unions of 100 in 10 subgraphs", _UNIONS, f"{{ {_times('u#: u# { ... on M0 { id } }', 10)} u3 {{ {_times('... on M# { id v0 v1 v2 v3 v4 v5 v6 v7 v8 v9 }', 100)} }} }}"),
        Hostile("the same, nested", _UNIONS, f"{{ u3 {{ {_times('... on M# { w0 { ... on M1 { v2 w3 { ... on M2 { v5 v9 } } } } v5 }', 100)} }} }}"),
        Hostile("a tree of interfaces, 7 levels", _TREE, f"{{ n {{ {_tree(7)} }} }}"),
        Hostile("a tree of interfaces, 12 levels", _TREE, f"{{ n {{ {_tree(12)} }} }}"),
        Hostile("a tree of fragments on 8 types", _TREE, f"{{ n {{ {_typed_tree(3)} }} }}"),
    ]  # fmt: skip


def _tree(levels: int) -> str:
    return f"l {{ {_tree(levels - 1)} }} r {{ {_tree(levels - 1)} }} x" if levels else "x"


def _typed_tree(levels: int) -> str:
    if not levels:
        return "x"
    return " ".join(f"... on T{n} {{ l {{ {_typed_tree(levels - 1)} }} x }}" for n in range(8))


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser("python -m bench.planning.hostile", description=__doc__)
    parser.add_argument("only", nargs="*", help="parts of the names of operations; all without")
    only = parser.parse_args().only
    print(f"{'':42} {'bytes':>8} | {'parse':>6} {'check':>6} {'plan':>6} ms | {'MB':>5} |")
    for case in build_hostile():
        if only and not any(word in case.name for word in only):
            continue
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
            try:
                times, grown, outcome = pool.submit(measure, case).result()
            except BrokenProcessPool:
                times, grown, outcome = [], 0.0, f"more than {CPU_MAX_S} s"
        columns = " ".join(f"{1000 * each:6.0f}" for each in (*times, 0.0, 0.0)[:3])
        print(f"{case.name:42} {len(case.text):8} | {columns} {'':2} | {grown:5.0f} | {outcome}", flush=True)
    return 0


def measure(case: Hostile) -> tuple[list[float], float, str]:
    """CPU seconds of parsing, validating and planning one operation, megabytes grown by, and the outcome."""
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_MAX_S, CPU_MAX_S))
    supergraph = Federation(case.subgraphs).supergraph
    schema, planner = supergraph.api_schema, Planner(supergraph)
    times: list[float] = []
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    outcome = "?"
    try:
        parsed = _timed(times, lambda: parse_document(case.text, LIMITS))
        valid = _timed(times, lambda: validate_document(parsed, schema, is_suggesting=False))
        plan = _timed(times, lambda: planner.plan(valid.document))
        outcome = f"{count_fetches(plan.node)} requests"
        exceeded = find_excesses(valid.document, valid.operations[0], LIMITS)
        outcome += "".join(f"; {excess.code}" for excess in exceeded)
    except RefusedError as error:
        outcome = error.errors[0].message
    except PlanningError as error:
        outcome = str(error)
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    return times, grown, outcome


def _timed(times: list[float], run: Callable[[], Result]) -> Result:
    before = time.process_time()
    try:
        return run()
    finally:
        times.append(time.process_time() - before)


if __name__ == "__main__":
    sys.exit(main())
