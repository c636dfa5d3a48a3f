"""The cheapest combination: for each field one of its options, so that all the fetches together cost least.

Fields share fetches, so the choice is a covering problem and not one decision per field. Naively it is the
product of all options: 14 fields with 8 options each are 4 * 10^12 combinations.

Idea: fields with equal options are one decision. A field with one option leaves no choice, and what it fetches costs the
others nothing. What is left falls apart into fields that share no request with the others. Each such part is searched
depth first, the field with fewest options first, and a branch is cut when what it has spent plus the cheapest additions
of remaining fields *that share no request with each other* already reaches the best known total. That bound never
overestimates, because no request serves two of those. The search has a budget; it starts from the better of two greedy
answers (field by field; the fetch that serves most fields first, then without those that prove needless), so the answer
is good even where the budget ends it. Parts of very many fields get the first greedy answer.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial

from router.planner.sources import Solution
from router.planner.tokens import Mask, Tokens

SEARCH_MAX = 3_000
"""Branches looked at for one position; a few dozen suffice for a dozen fields over eight subgraphs."""

SEARCHED_MAX = 64
"""Fields that share fetches and are searched together; the search takes a call for each."""

Cost = Callable[[Mask], int]
Requests = Callable[[Mask], Mask]
Options = Sequence[Solution]
Priced = list[tuple[Mask, int]]
"""Options as the search sees them: the fetches that they add, and their size."""


def choose_options(fields: Sequence[Options], tokens: Tokens) -> list[Solution]:
    """Choose one option for each field; the result is in the order of `fields`, each of which has one at least."""
    trimmed: list[Options] = [
        options if len(options) == 1 else _drop_dominated(options) for options in fields
    ]
    if all(len(options) == 1 for options in trimmed):
        return [options[0] for options in trimmed]
    groups: dict[tuple[tuple[Mask, int], ...], list[int]] = {}
    for index, options in enumerate(trimmed):
        groups.setdefault(tuple((o.mask, o.size) for o in options), []).append(index)
    # What one field of a group selects, all of them select.
    decisions = [
        [(mask, size * len(indices)) for mask, size in options] for options, indices in groups.items()
    ]
    result: dict[int, Solution] = {}
    for choice, indices in zip(_decide(decisions, tokens), groups.values(), strict=True):
        for index in indices:
            result[index] = trimmed[index][choice]
    return [result[index] for index in range(len(fields))]


def _decide(decisions: list[Priced], tokens: Tokens) -> list[int]:
    """Choose an option of each decision, by its index."""
    spent = 0
    for options in decisions:
        spent |= options[0][0] if len(options) == 1 else 0
    choices = [0] * len(decisions)
    left: dict[int, Priced] = {}
    for index, options in enumerate(decisions):
        if len(options) == 1:
            continue
        priced = [(mask & ~spent, size) for mask, size in options]
        smallest = min(range(len(priced)), key=lambda choice: (priced[choice][1], priced[choice][0]))
        if priced[smallest][0]:
            left[index] = priced
        else:
            choices[index] = smallest
    # What is taken already may share requests with what is chosen.
    cost = partial(_cost_beside, tokens, spent, tokens.cost(spent))
    requests = cache(tokens.requests)
    for part in _split(left, requests):
        found = _Search([left[index] for index in part], cost, requests).run()
        for index, choice in zip(part, found, strict=True):
            choices[index] = choice
    return choices


def _cost_beside(tokens: Tokens, spent: Mask, paid: int, mask: Mask) -> int:
    return tokens.cost(spent | mask) - paid


def _split(decisions: Mapping[int, Priced], requests: Requests) -> list[list[int]]:
    """The decisions in parts that share no request with each other."""
    parts: list[tuple[Mask, list[int]]] = []
    for index, options in decisions.items():
        touched, joined = 0, [index]
        for mask, _ in options:
            touched |= requests(mask)
        apart: list[tuple[Mask, list[int]]] = []
        for mask, members in parts:
            if mask & touched:
                touched |= mask
                joined = [*members, *joined]
            else:
                apart.append((mask, members))
        parts = [*apart, (touched, joined)]
    return [sorted(members) for _, members in parts]


def _drop_dominated(options: Options) -> list[Solution]:
    """Drop what takes the fetches of another option and more. The earlier of equals stays."""
    kept: list[Solution] = []
    for option in sorted(options, key=lambda o: (o.mask.bit_count(), o.size)):
        if not any(other.mask & ~option.mask == 0 and other.size <= option.size for other in kept):
            kept.append(option)
    return kept


@dataclass(slots=True)
class _Best:
    total: int
    choices: list[int]


class _Search:
    def __init__(self, fields: list[Priced], cost: Cost, requests: Requests) -> None:
        self.fields = fields
        self.cost = cost
        self.requests = requests
        self.order = sorted(range(len(fields)), key=lambda index: len(fields[index]))
        self.budget = SEARCH_MAX
        self.best = self._greedy()

    def run(self) -> list[int]:
        if 1 < len(self.fields) <= SEARCHED_MAX:
            self.best = min(self.best, self._cover(), key=lambda best: best.total)
            self._descend(0, 0, 0, [0] * len(self.fields))
        return self.best.choices

    def _greedy(self) -> _Best:
        mask = size = 0
        choices = [0] * len(self.fields)
        for index in self.order:
            options = self.fields[index]
            choice = min(range(len(options)), key=lambda c: self._total(mask, size, options[c]))
            mask |= options[choice][0]
            size += options[choice][1]
            choices[index] = choice
        return _Best(self.cost(mask) + size, choices)

    def _total(self, mask: Mask, size: int, option: tuple[Mask, int]) -> int:
        return self.cost(mask | option[0]) + size + option[1]

    def _descend(self, depth: int, mask: Mask, size: int, choices: list[int]) -> None:
        if depth == len(self.order):
            total = self.cost(mask) + size
            if total < self.best.total:
                self.best = _Best(total, choices.copy())
            return
        self.budget -= 1
        if self.budget < 0 or self._bound(depth, mask, size) >= self.best.total:
            return
        index = self.order[depth]
        options = self.fields[index]
        ranked = sorted(range(len(options)), key=lambda choice: self._total(mask, size, options[choice]))
        for choice in ranked:
            choices[index] = choice
            more, larger = options[choice]
            self._descend(depth + 1, mask | more, size + larger, choices)

    def _bound(self, depth: int, mask: Mask, size: int) -> int:
        spent = self.cost(mask)
        total = spent + size
        touched = 0
        for index in self.order[depth:]:
            options = self.fields[index]
            reach = 0
            for more, _ in options:
                reach |= self.requests(more & ~mask)
            if reach & touched:
                total += min(size for _, size in options)
            else:
                touched |= reach
                total += min(self.cost(mask | more) - spent + size for more, size in options)
        return total

    def _cover(self) -> _Best:
        """Take the fetches that serve most fields for their cost, then drop those not needed."""
        taken: list[Mask] = []
        union = 0
        left = set(range(len(self.fields)))
        while left:
            candidates = {mask for index in left for mask, _ in self.fields[index]}
            best = min(sorted(candidates), key=lambda mask: self._price(mask, union, left))
            taken.append(best)
            union |= best
            left = {index for index in left if self._pick(index, union) is None}
        for mask in list(taken):
            others = 0
            for other in taken:
                others |= other if other != mask else 0
            if all(self._pick(index, others) is not None for index in range(len(self.fields))):
                taken.remove(mask)
                union = others
        choices = [self._pick(index, union) or 0 for index in range(len(self.fields))]
        used = size = 0
        for index, choice in enumerate(choices):
            used |= self.fields[index][choice][0]
            size += self.fields[index][choice][1]
        return _Best(self.cost(used) + size, choices)

    def _price(self, mask: Mask, union: Mask, left: set[int]) -> float:
        served = sum(1 for index in left if self._pick(index, union | mask) is not None)
        return (self.cost(union | mask) - self.cost(union)) / max(served, 1)

    def _pick(self, index: int, union: Mask) -> int | None:
        """Find the smallest option of a field that takes only fetches of `union`."""
        options = self.fields[index]
        fitting = [choice for choice, (mask, _) in enumerate(options) if mask & ~union == 0]
        return min(fitting, key=lambda choice: options[choice][1]) if fitting else None
