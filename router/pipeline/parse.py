"""From the text of a request to a document, each text once."""

from dataclasses import dataclass

from graphql import DocumentNode, GraphQLError, GraphQLSyntaxError, parse

from router.errors import ErrorCode, RefusedError, ResponseError, refuse
from router.pipeline.request import Request
from router.policy.options import LimitOptions

MISSING_QUERY_DETAILS = (
    "There was no GraphQL operation to execute. Use the `query` parameter to send an operation, "
    "using either GET or POST."
)


_BENEATH = ", but encountered error"
"""What the library writes before the exception that was an error's cause."""


@dataclass(frozen=True, slots=True)
class ParsedDocument:
    """A document that follows the grammar; `text` is its identity in caches."""

    text: str
    document: DocumentNode


def get_text(request: Request) -> str:
    """The request's document as text.

    Raises:
        RefusedError: there is none, or it is blank.
    """
    if request.query is None:
        code = ErrorCode.INVALID_GRAPHQL_REQUEST
        raise refuse("Invalid GraphQL request", code, details=MISSING_QUERY_DETAILS)
    if not request.query.strip():
        raise refuse("Must provide query string.", ErrorCode.MISSING_QUERY_STRING)
    return request.query


def parse_document(text: str, limits: LimitOptions) -> ParsedDocument:
    """Parse `text` within the limits.

    Raises:
        RefusedError: PARSING_ERROR; the text is no document, is too long or too deep.
    """
    _check_nesting(text, limits.parser_max_recursion)
    try:
        document = parse(
            text,
            max_lexical_tokens=limits.parser_max_tokens,
            max_comments=limits.parser_max_tokens,
            # As Apollo's parser and the October 2021 grammar have it.
            allow_empty_selection_sets=False,
        )
    except GraphQLSyntaxError as error:
        if "nested too deeply" in error.message:
            raise refuse("parser recursion limit reached", ErrorCode.PARSING_ERROR) from error
        if "Parsing aborted" in error.message:
            raise refuse("token limit reached, aborting lexing", ErrorCode.PARSING_ERROR) from error
        raise RefusedError([describe_graphql_error(error, ErrorCode.PARSING_ERROR)]) from error
    _unlink_tokens(document)
    return ParsedDocument(text, document)


def _unlink_tokens(document: DocumentNode) -> None:
    """Let go of a document as soon as nobody holds it, and of its brackets now.

    Its tokens know each other in both directions, and positions hold them: only a look of the collector at all that is old
    would find them. With operations that never come again that was 40 MB between two looks.
    """
    token = document.loc.start_token if document.loc is not None else None
    while token is not None:
        following, token.prev, token.next = token.next, None, None
        token = following


def describe_graphql_error(error: GraphQLError, code: str) -> ResponseError:
    """An error of the library's with its positions in the client's document."""
    locations = [{"line": each.line, "column": each.column} for each in error.locations or ()]
    # An exception beneath it speaks to who reads our code: a number of 5,000 digits ends in advice on Python's settings.
    message, is_beneath, _ = error.message.partition(_BENEATH)
    return ResponseError(
        f"{message}." if is_beneath else message, extensions={"code": code}, locations=locations
    )


def _check_nesting(text: str, depth_max: int) -> None:
    """Refuse what nests deeper than `depth_max`; brackets in strings and comments count, as they cost little."""
    if text.count("{") + text.count("[") + text.count("(") <= depth_max:
        return
    depth = 0
    for character in text:
        if character in "{[(":
            depth += 1
            if depth > depth_max:
                raise refuse("parser recursion limit reached", ErrorCode.PARSING_ERROR)
        elif character in "}])":
            depth -= 1
