"""The recipe of satisfiability: can every operation that the API schema allows be answered?

*Problem.* Subgraphs may merge well and yet leave a field of an entity out of reach for an operation that comes by the
entity in a subgraph from where no key leads on. Clients can write infinitely many operations; each has to have a plan.

*Naive cost.* An operation is answered if each of its paths is, and there are infinitely many paths too: all that the
API schema's types form, and for each all ways through the subgraphs, which multiply with every field.

*Idea.* How a path came to where it is does not matter, only in which positions (type and subgraph, `places`) its data
may be. So we walk over pairs of an object type and a set of positions (`walk`). What can be reached and resolved from a
position is a property of the position (`moves`) and found once, as least solution of mutually dependent equations
(`fixpoint`); sets are bits of integers. Interfaces and unions are walked object type by object type, since a query on
an interface is answered if it is for each object type that can be there.

*Why it is right.* A set is visited unless a subset of it, which can do less, was; so each path that fails has a prefix
among the visited pairs with a failing field, and the prefix is written down as the witness (`witness`), with the
reasons why each position does not resolve the field (`reasons`).

*Bound.* Sets are compared by all that they can reach, and positions that are connected by keys reach the same; so
there are few of them: typically one for each type. The number of positions followed is limited all the same.
"""

from router.composition.context import Merge
from router.composition.rules.max_validation_subgraph_paths_exceeded import report_too_many_paths
from router.composition.rules.satisfiability_error import Unsatisfied, report_unsatisfied
from router.composition.satisfiability.contexts import Contexts
from router.composition.satisfiability.moves import Moves
from router.composition.satisfiability.places import Places
from router.composition.satisfiability.reasons import Reasons
from router.composition.satisfiability.roots import walk_roots
from router.composition.satisfiability.runtime_types import RuntimeTypes
from router.composition.satisfiability.visible import VisibleSchema
from router.composition.satisfiability.visited import PATHS_MAX, TooManyPathsError
from router.composition.satisfiability.walk import FAILURES_MAX, Failure, Walk
from router.composition.satisfiability.witness import write_witness
from router.query_graph import build_query_graph
from router.supergraph.model import Supergraph


def check_satisfiability(merge: Merge, supergraph: Supergraph) -> None:
    """Report each path of the API schema that the subgraphs cannot answer."""
    places = Places(build_query_graph(supergraph))
    moves = Moves(places)
    visible = VisibleSchema(supergraph)
    walk = Walk(moves, visible, Contexts(moves, supergraph), RuntimeTypes(merge, supergraph))
    try:
        failures = walk_roots(walk)
    except TooManyPathsError:
        report_too_many_paths(merge, PATHS_MAX)
        return
    reasons = Reasons(moves, merge)
    shown = [_describe(kind, group, reasons) for kind, group in failures[:FAILURES_MAX]]
    report_unsatisfied(merge, shown, len(failures) - len(shown) + walk.left_out)


def _describe(kind: str, group: list[Failure], reasons: Reasons) -> Unsatisfied:
    operations = dict.fromkeys(write_witness(failure, kind) for failure in group)
    found = dict.fromkeys(reason for failure in group for reason in reasons.of(failure))
    sites = [site for failure in group for site in reasons.sites(failure)]
    return Unsatisfied(tuple(operations), tuple(found), tuple(sites))
