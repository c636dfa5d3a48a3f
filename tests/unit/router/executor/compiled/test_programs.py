"""Which plans are compiled: those that come again, as many as there is room for, while it pays."""

import gc
import weakref

from graphql import build_schema, get_operation_ast, parse

from router.executor.compiled.compile import compile_plan
from router.executor.compiled.programs import (
    DOUBT_MAX,
    FAILURE_COST,
    PUSHING_ONE_IN,
    Programs,
)
from router.executor.interpret.typenames import read_typenames
from router.kit import garbage
from router.operation.shape import build_shape
from router.query_plan.nodes import Fetch, OperationKind, QueryPlan

SDL = "type Query { count: Int }"
SCHEMA = build_schema(SDL)
DOCUMENT = parse("{ count }")
TYPENAMES = read_typenames(parse(SDL))


def make():
    fetch = Fetch("a", OperationKind.QUERY, "{ count }")
    shape = build_shape(SCHEMA, DOCUMENT, get_operation_ast(DOCUMENT), {})
    return QueryPlan(OperationKind.QUERY, fetch), shape


def test_a_plan_is_compiled_when_it_has_come_often_enough():
    programs, (plan, shape) = Programs(TYPENAMES, 2), make()
    found = [programs.find(plan, shape) for _ in range(4)]
    assert found[:2] == [None, None]
    assert found[2] is not None
    assert found[3] is found[2]


def test_without_a_number_nothing_is_compiled():
    programs, (plan, shape) = Programs(TYPENAMES, None), make()
    assert [programs.find(plan, shape) for _ in range(10)] == [None] * 10


def test_one_plan_with_two_shapes_is_two_programs():
    programs, (plan, shape), (_, other) = Programs(TYPENAMES, 0), make(), make()
    assert programs.find(plan, shape) is not programs.find(plan, other)


def test_operations_that_come_once_are_not_compiled():
    # Each has the place in memory of the one before it.
    programs = Programs(TYPENAMES, 2)
    assert [programs.find(*make()) for _ in range(10)] == [None] * 10


def start_with_room_for(count):
    """Programs that compile at once."""
    size = Programs(TYPENAMES, 0).find(*make()).weight
    return Programs(TYPENAMES, 0, size * count)


def test_programs_are_bounded_in_bytes_and_the_oldest_goes():
    programs, first = start_with_room_for(3), make()
    cached = programs.find(*first)
    kept = [make() for _ in range(3)]
    assert all(programs.find(plan, shape) is not None for plan, shape in kept)
    assert programs.find(*first) is not cached


def test_more_operations_than_there_is_room_for_do_not_push_each_other_out():
    programs, plans = start_with_room_for(4), [make() for _ in range(6)]
    found = [programs.find(*each) for _ in range(PUSHING_ONE_IN) for each in plans]
    compiled = set(filter(None, found))
    # Two thirds of the runs have a program, and now and then another one has its turn.
    assert len(list(filter(None, found))) > len(found) / 2
    assert 4 < len(compiled) <= 4 + len(found) / PUSHING_ONE_IN


def test_what_is_pushed_out_does_not_wait_for_ever_to_be_collected(monkeypatch):
    monkeypatch.setattr(garbage, "HEAVY_MAX", 0)
    programs, plans = start_with_room_for(1), [make() for _ in range(2)]
    types = [weakref.ref(programs.find(*each).program.new_root) for each in plans]
    assert [each() is None for each in types] == [True, False]


def test_a_program_that_keeps_failing_is_tried_once_in_a_while():
    programs, (plan, shape) = Programs(TYPENAMES, 0), make()
    tries = 0
    for _ in range(1000):
        cached = programs.find(plan, shape)
        if cached is not None:
            tries += 1
            cached.note_unusual()
    assert DOUBT_MAX // FAILURE_COST < tries <= 1000 // FAILURE_COST + DOUBT_MAX // FAILURE_COST + 1


def test_runs_that_fail_together_are_made_up_for():
    programs, (plan, shape) = Programs(TYPENAMES, 0), make()
    tries = 0
    for _ in range(40):
        # So many are under way at a time, and none is known to fail before all have begun.
        found = [programs.find(plan, shape) for _ in range(50)]
        tries += sum(each is not None for each in found)
        for each in found:
            if each is not None:
                each.note_unusual()
    assert tries <= 40 * 50 // FAILURE_COST + 2 * 50


def test_a_program_that_fails_once_in_twenty_runs_is_kept():
    programs, (plan, shape) = Programs(TYPENAMES, 0), make()
    for i in range(1000):
        cached = programs.find(plan, shape)
        assert cached is not None
        if i % 20 == 0:
            cached.note_unusual()


def test_what_the_library_keeps_of_a_program_holds_no_schema():
    sdl = "type Query { media: [Media] } union Media = Book | Film type Book { pages: Int } type Film { minutes: Int }"
    schema = build_schema(sdl)
    document = parse("{ media { type: __typename ... on Book { pages } ... on Film { minutes } } }")
    fetch = Fetch(
        "a",
        OperationKind.QUERY,
        "{ media { __typename ... on Book { pages } ... on Film { minutes } } }",
    )
    shape = build_shape(schema, document, get_operation_ast(document), {})
    compile_plan(QueryPlan(OperationKind.QUERY, fetch), shape, read_typenames(parse(sdl)))
    held = weakref.ref(schema)
    del schema, shape
    gc.collect()
    assert held() is None
