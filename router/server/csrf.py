"""Refusing what a foreign page can make a browser send without asking first.

Browsers ask (preflight) before they send JSON or custom headers across origins. A request that has
neither could come from any page, with the user's cookies.
"""

from functools import lru_cache

from router.errors import ErrorCode, refuse
from router.server.messages import HttpRequest
from router.server.options import CsrfOptions

SIMPLE_TYPES = ("application/x-www-form-urlencoded", "multipart/form-data", "text/plain")
"""The content types of a CORS-safelisted request. Spec: Fetch, CORS-safelisted request-header."""


def check_csrf(request: HttpRequest, options: CsrfOptions) -> None:
    """Refuse requests for which a browser would not have asked.

    Raises:
        RefusedError: CSRF_ERROR.
    """
    if not options.is_enabled or _is_preflighted(request.values.get("content-type")):
        return
    if any(request.values.get(name) for name in options.required_headers):
        return
    message = (
        "This operation has been blocked as a potential Cross-Site Request Forgery (CSRF). "
        "Please either specify a 'content-type' header (with a mime-type that is not one of "
        f"{', '.join(SIMPLE_TYPES)}) or provide one of the following headers: {', '.join(options.required_headers)}"
    )
    raise refuse(message, ErrorCode.CSRF_ERROR)


@lru_cache(128)
def _is_preflighted(content_type: str | None) -> bool:
    if not content_type:
        return False
    essences = {each.partition(";")[0].strip().lower() for each in content_type.split(",")}
    return all("/" in each for each in essences) and essences.isdisjoint(SIMPLE_TYPES)
