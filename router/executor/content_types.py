"""Which media types say that an answer is a GraphQL response. Spec: GraphQL over HTTP, 2025 draft, 6.4."""

from functools import lru_cache

JSON_TYPES = ("application/json", "application/graphql-response+json")


@lru_cache(maxsize=64)
def find_content_type_fault(value: str | None) -> str | None:
    """Why the answer cannot be a GraphQL response by its `content-type`, None if it can."""
    if value is not None and (value in JSON_TYPES or value.partition(";")[0].strip().lower() in JSON_TYPES):
        return None
    wanted = " or ".join(f"content-type: {name}" for name in JSON_TYPES)
    if value is None:
        return f"subgraph response does not contain 'content-type' header; expected {wanted}"
    return f"subgraph response contains invalid 'content-type' header value \"{value}\"; expected {wanted}"
