"""Every situation there is."""

from tests.support.federation_situations_abstract import INTERFACE_OBJECTS, INTERFACES
from tests.support.federation_situations_context import CONTEXTS
from tests.support.federation_situations_directives import ALIASES, OVERRIDES, PROVIDES
from tests.support.federation_situations_objects import KEYS
from tests.support.federation_situations_operations import CONDITIONS, MUTATIONS
from tests.support.federation_situations_requires import REQUIRES
from tests.support.federation_situations_semantics import ABSTRACT, KEYS_AND_VALUES, REQUIREMENTS

SITUATIONS = (
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
)
