"""Situations of the public gateway audit's classes: 46 suites, each some subgraphs and what is asked of them."""

from tests.support.federation_audit.entities import ENTITIES
from tests.support.federation_audit.externals import EXTERNALS
from tests.support.federation_audit.interface_objects import INTERFACE_OBJECTS
from tests.support.federation_audit.interfaces import INTERFACES
from tests.support.federation_audit.provisions import PROVISIONS
from tests.support.federation_audit.requirements import REQUIREMENTS
from tests.support.federation_audit.roots import ROOTS
from tests.support.federation_audit.suite import Asked, Planned, Refused, Suite
from tests.support.federation_audit.unions import UNIONS

SUITES: tuple[Suite, ...] = (
    *ENTITIES,
    *EXTERNALS,
    *INTERFACES,
    *INTERFACE_OBJECTS,
    *PROVISIONS,
    *REQUIREMENTS,
    *ROOTS,
    *UNIONS,
)

__all__ = ["SUITES", "Asked", "Planned", "Refused", "Suite"]
