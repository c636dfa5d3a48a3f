"""The stage that refuses operations that are too large."""

import logging

from router.errors import RefusedError, ResponseError
from router.pipeline.caches import is_kept
from router.pipeline.generation import Generation
from router.pipeline.validate import ValidOperation
from router.policy.limits import Excess, find_excesses

logger = logging.getLogger(__name__)


def check_limits(operation: ValidOperation, generation: Generation) -> None:
    """Measure the operation, once for each text.

    Raises:
        RefusedError: it exceeds a limit, with the code of each.
    """
    limits = generation.options.limits
    if not limits.measures_operations:
        return
    excesses = _find_excesses(operation, generation)
    if not excesses:
        return
    if limits.is_warning_only:
        logger.warning("operation %s exceeds limits: %s", operation.name, [each.code for each in excesses])
        return
    raise RefusedError([ResponseError(each.message, extensions={"code": each.code}) for each in excesses])


def _find_excesses(operation: ValidOperation, generation: Generation) -> tuple[Excess, ...]:
    cache = generation.caches.excesses
    found = cache.find(operation.key)
    if found is None:
        found = find_excesses(operation.document, operation.node, generation.options.limits)
        if is_kept(operation.key):
            cache.put(operation.key, found)
    return found
