"""The least solution of equations that are found while they are solved.

What can be reached from a position depends on what else can be reached, in cycles: a key may have to be resolved by
moving with another one, which may need the first. So nothing is held to be reachable until it is shown: each value
starts at 0 and only gains bits. A question is evaluated, asks others while it is, and is evaluated again when one of
those has gained something; when nothing is left to evaluate, the values are final and are never looked at again.
There is no recursion, and a question is evaluated at most once for each bit that each of its neighbours gains.

Some ways to an answer cost more than others: they need further questions, and none if a cheap way leads there in the
end. A question may put off such a way (`put_off`); it is evaluated again when nothing else is left to do.
"""

from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

QuestionT = TypeVar("QuestionT", bound=Hashable)


class Fixpoint(Generic[QuestionT]):
    """Answers questions by `evaluate`, which may ask further ones by `ask` and must be monotone in their answers."""

    def __init__(self, evaluate: Callable[[QuestionT], int]) -> None:
        self._evaluate = evaluate
        self._values: dict[QuestionT, int] = {}
        self._pending: list[QuestionT] = []
        self._askers: dict[QuestionT, dict[QuestionT, None]] = {}
        self._current: QuestionT | None = None
        self._put_off: dict[QuestionT, None] = {}
        self._urgent: set[QuestionT] = set()

    def ask(self, question: QuestionT) -> int:
        """The answer; while something is evaluated, what is known of the answer so far."""
        if self._current is None:
            if question not in self._values:
                self._open(question)
                self._solve()
            return self._values[question]
        if question not in self._values:
            self._open(question)
        if question in self._askers:
            self._askers[question][self._current] = None
        return self._values[question]

    def put_off(self) -> bool:
        """Of what is evaluated: whether to leave out what is costly for now."""
        assert self._current is not None
        if self._current in self._urgent:
            return False
        self._put_off[self._current] = None
        return True

    def _open(self, question: QuestionT) -> None:
        self._values[question] = 0
        self._askers[question] = {}
        self._pending.append(question)

    def _solve(self) -> None:
        while self._pending or self._put_off:
            if not self._pending:
                question, _ = self._put_off.popitem()
                self._urgent.add(question)
                self._pending.append(question)
            question = self._current = self._pending.pop()
            known = self._values[question]
            value = known | self._evaluate(question)
            if value != known:
                self._values[question] = value
                self._pending += self._askers[question]
        self._askers.clear()
        self._urgent.clear()
        self._current = None
