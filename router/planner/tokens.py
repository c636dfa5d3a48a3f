"""Tokens: fetches that a plan could contain, before any is made.

A token is one fetch from one subgraph for the objects at one position, after certain other fetches. Two
fields that need the same token share the fetch: that is how requests are saved. Object types do not tell
tokens apart, since one `_entities` request takes objects of several types.

Sets of tokens are bit masks, because the search unites and compares them all the time.
"""

from dataclasses import dataclass

from router.operation.need import Deferral
from router.planner.positions import Position
from router.supergraph.field_set import Arguments

Mask = int
"""A set of tokens: bit `i` stands for the token with id `i`."""

Variant = frozenset[tuple[str, Arguments | bool]]
"""What keeps fetches for one position apart: representations that cannot be the same.

One representation holds one value of a field: required fields with arguments. And what is selected only
under a condition is there only under it: the conditions of the client above the objects.
"""

# Latency counts first, then the number of requests: a fetch on the second stage costs as much as a hundred
# on the first, and further on it grows with the square of the stage. Entities of several places that one request
# asks for are that one. What is selected only breaks ties.
FETCH_COST = 1000
STAGE_FACTOR = 100
LIST_COST = 100
"""Of another list of entities in a request that there is anyway (see `optimize.batch`)."""


@dataclass(frozen=True, slots=True, eq=False)
class Token:
    """An intended fetch.

    Attributes:
        stage: how many fetches one after the other come before it.
        prerequisites: the tokens that supply its representations, without those implied by others.
        closure: itself and all that must come before it.
        deferral: the deferred fragment that it fetches for; None for the primary part.
        request: a bit that tokens have in common which can be one request.
    """

    id: int
    position: Position
    graph: str
    prerequisites: Mask
    variant: Variant
    stage: int
    closure: Mask
    deferral: Deferral | None
    request: Mask


class Tokens:
    """Makes tokens, each once, and weighs sets of them."""

    def __init__(self) -> None:
        self._tokens: list[Token] = []
        self._known: dict[tuple[int, str, Mask, Variant, Deferral | None], Token] = {}
        self._costs: dict[Mask, int] = {0: 0}
        self._requests: dict[tuple[str, int, Deferral | None], Mask] = {}

    def get(
        self,
        position: Position,
        graph: str,
        suppliers: Mask = 0,
        variant: Variant = frozenset(),
        deferral: Deferral | None = None,
        *,
        is_alone: bool = False,
    ) -> Token:
        """Give the token for a fetch that needs what `suppliers` bring; one that `is_alone` shares no request."""
        prerequisites = self._reduce(suppliers)
        slot = (position.id, graph, prerequisites, variant, deferral)
        token = self._known.get(slot)
        if token is None:
            before = self.members(prerequisites)
            number = len(self._tokens)
            closure = own = 1 << number
            for other in before:
                closure |= other.closure
            stage = max((other.stage + 1 for other in before), default=0)
            can_share = stage > 0 and not is_alone
            request = self._requests.setdefault((graph, stage, deferral), own) if can_share else own
            token = Token(number, position, graph, prerequisites, variant, stage, closure, deferral, request)
            self._tokens.append(token)
            self._known[slot] = token
        return token

    def members(self, mask: Mask) -> list[Token]:
        """List the tokens of a set, in order of creation."""
        found = []
        while mask:
            low = mask & -mask
            found.append(self._tokens[low.bit_length() - 1])
            mask ^= low
        return found

    def cost(self, mask: Mask) -> int:
        """Weigh a set of tokens."""
        cost = self._costs.get(mask)
        if cost is None:
            cost = requests = 0
            for token in self.members(mask):
                is_first = not token.request & requests
                cost += FETCH_COST * max(1, STAGE_FACTOR * token.stage**2) if is_first else LIST_COST
                requests |= token.request
            self._costs[mask] = cost
        return cost

    def requests(self, mask: Mask) -> Mask:
        """The requests that a set of tokens takes, each as the bit that its tokens have in common."""
        found = 0
        for token in self.members(mask):
            found |= token.request
        return found

    def _reduce(self, mask: Mask) -> Mask:
        implied = 0
        for token in self.members(mask):
            implied |= token.closure & ~(1 << token.id)
        return mask & ~implied
