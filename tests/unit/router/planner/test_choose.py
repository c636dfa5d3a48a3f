"""The cheapest combination of options."""

from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from router.operation.response_keys import ResponseKeys
from router.planner.choose import choose_options
from router.planner.positions import Positions
from router.planner.sources import Solution
from router.planner.tokens import Tokens


def _make_tokens(count: int) -> Tokens:
    """A root fetch, and others after it of which those to one subgraph are one request."""
    tokens, root = Tokens(), Positions(ResponseKeys()).root
    tokens.get(root, "root")
    for number in range(1, count):
        tokens.get(root, "abc"[number % 3], 1, frozenset({(f"f{number}", ())}))
    return tokens


_TOKENS = _make_tokens(40)


def _total(options: list[Solution]) -> int:
    mask = 0
    for option in options:
        mask |= option.mask
    return _TOKENS.cost(mask) + sum(option.size for option in options)


_OPTIONS = st.lists(
    st.builds(Solution, st.integers(1, 63), st.just(0), st.integers(1, 3)), min_size=1, max_size=4
)


@given(st.lists(_OPTIONS, min_size=1, max_size=4))
def test_the_choice_costs_as_little_as_the_best_of_all_combinations(fields: list[list[Solution]]) -> None:
    chosen = choose_options(fields, _TOKENS)
    assert all(option in options for option, options in zip(chosen, fields, strict=True))
    assert _total(chosen) == min(_total(list(combination)) for combination in product(*fields))


def test_the_first_of_equal_options_is_chosen() -> None:
    first, second = Solution(1, 0, 1), Solution(2, 0, 1)
    assert choose_options([[first, second]], _TOKENS) == [first]


def test_a_choice_past_the_searchs_bound_is_still_a_choice() -> None:
    fields = [[Solution(1 << ((n * 7 + k * 3) % 40), 0, 1) for k in range(6)] for n in range(40)]
    chosen = choose_options(fields, _TOKENS)
    assert len(chosen) == len(fields)
    assert all(option in options for option, options in zip(chosen, fields, strict=True))
