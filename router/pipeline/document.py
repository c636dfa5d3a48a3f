"""From a request to a document that the API schema allows, each text once."""

import asyncio

from router.errors import ErrorCode, RefusedError, refuse
from router.pipeline.generation import Generation
from router.pipeline.parse import get_text, parse_document
from router.pipeline.request import Request
from router.pipeline.shared_plans import KEPT_WEIGHT_MAX
from router.pipeline.validate import ERRORS_MAX, ValidDocument, validate_document

INLINE_TEXT_MAX = 4_000
"""Characters of a new document that is read at once; a longer one is read in a thread, beside other requests."""


async def find_document(request: Request, generation: Generation) -> ValidDocument:
    """The request's document: the one that is kept, or as `get_document`, which is a stage to be traced then."""
    document = generation.caches.documents.find(request.query or "")
    if document is None:
        document = await generation.traced("parse_query", get_document(request, generation))
    return document


async def get_document(request: Request, generation: Generation) -> ValidDocument:
    """Parse and validate the request's document, which is kept then.

    Raises:
        RefusedError: there is none, or it is not valid.
    """
    text = get_text(request)
    if len(text) <= INLINE_TEXT_MAX:
        document = _read_document(text, generation)
    else:
        document = await asyncio.to_thread(_read_document, text, generation)
    if len(text) <= KEPT_WEIGHT_MAX:
        generation.caches.documents.put(text, document)
    return document


def _read_document(text: str, generation: Generation) -> ValidDocument:
    options = generation.options
    parsed = parse_document(text, options.limits)
    try:
        return validate_document(
            parsed,
            generation.api_schema,
            is_suggesting=options.is_suggesting,
            is_introspection_limited=options.limits.is_introspection_depth_limited,
            # Where nobody is told what is wrong, one fault is enough.
            errors_max=1 if options.are_validation_errors_redacted else ERRORS_MAX,
        )
    except RefusedError as refusal:
        if options.are_validation_errors_redacted:
            raise refuse("invalid query", ErrorCode.UNKNOWN_ERROR) from refusal
        raise
