"""The size of plans: requests, and how many of them run one after the other."""

import pytest

from tests.support.federation_plans import size
from tests.support.federation_situations import Situation
from tests.support.federation_situations_abstract import INTERFACE_OBJECTS, INTERFACES
from tests.support.federation_situations_context import CONTEXTS
from tests.support.federation_situations_directives import ALIASES, OVERRIDES, PROVIDES
from tests.support.federation_situations_objects import KEYS
from tests.support.federation_situations_operations import CONDITIONS, MUTATIONS
from tests.support.federation_situations_requires import REQUIRES
from tests.support.federation_situations_semantics import ABSTRACT, KEYS_AND_VALUES, REQUIREMENTS

SITUATIONS = [
    *KEYS,
    *REQUIRES,
    *PROVIDES,
    *ALIASES,
    *OVERRIDES,
    *INTERFACES,
    *INTERFACE_OBJECTS,
    *MUTATIONS,
    *CONDITIONS,
    *KEYS_AND_VALUES,
    *REQUIREMENTS,
    *ABSTRACT,
    *CONTEXTS,
]


@pytest.mark.parametrize("situation", SITUATIONS, ids=lambda situation: situation.name)
def test_a_plan_is_as_small_as_it_can_be(situation: Situation) -> None:
    plan = situation.federation.plan(situation.query, labels=situation.labels)
    assert size(plan) == (situation.fetches, situation.depth), str(plan)
