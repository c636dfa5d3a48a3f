"""Mutually dependent questions have the least answers that are consistent."""

from router.composition.satisfiability.fixpoint import Fixpoint


def test_what_depends_on_itself_alone_has_no_answer() -> None:
    solver: Fixpoint[str] = Fixpoint(lambda question: solver.ask("b" if question == "a" else "a"))
    assert solver.ask("a") == 0


def test_answers_grow_around_a_circle() -> None:
    def evaluate(number: int) -> int:
        return (1 << number) | solver.ask((number + 1) % 2000)

    solver: Fixpoint[int] = Fixpoint(evaluate)
    assert solver.ask(0) == solver.ask(1999) == (1 << 2000) - 1


def test_what_is_put_off_is_evaluated_when_nothing_else_is_left() -> None:
    costly: list[str] = []

    def evaluate(question: str) -> int:
        if question == "cheap":
            return 1
        if solver.ask("cheap") or solver.put_off():
            return solver.ask("cheap")
        costly.append(question)
        return 2

    solver: Fixpoint[str] = Fixpoint(evaluate)
    assert solver.ask("q") == 1
    assert costly == []
