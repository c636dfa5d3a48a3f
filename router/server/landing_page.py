"""The page that a browser gets where programs get GraphQL: the built studio, from local files alone."""

import mimetypes
from pathlib import Path

from router.server.messages import Headers, HttpResponse

SECURITY_DIRECTIVES = (
    "default-src 'self'",
    "script-src 'self'",
    # The editor writes its own style elements.
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data:",
    "font-src 'self' data:",
    "connect-src 'self'",
    "worker-src 'self' blob:",
    "object-src 'none'",
    "base-uri 'self'",
    "form-action 'self'",
    "frame-ancestors 'none'",
)

PAGE_HEADERS: Headers = (
    ("content-security-policy", "; ".join(SECURITY_DIRECTIVES)),
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "DENY"),
    ("referrer-policy", "no-referrer"),
    ("cross-origin-opener-policy", "same-origin"),
)

ASSET_AGE_S = 31_536_000
"""Names of built assets hold a hash of their content, so they never change."""

PLAIN = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>GraphQL router</title>
<h1>This is a GraphQL endpoint</h1>
<p>It answers programs. There is no editor here, since it does not tell its schema.</p>
</html>
"""

NOT_BUILT = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>GraphQL router</title>
<h1>This is a GraphQL endpoint</h1>
<p>The studio, a GraphQL editor for the browser, has not been built here. Build it with
<code>make studio</code>, or start everything with <code>make up</code>.</p>
<p>Without it, ask from a terminal:</p>
<pre>curl -H 'content-type: application/json' -d '{"query":"{ __typename }"}' URL_OF_THIS_PAGE</pre>
</html>
"""


def answer_page(studio: Path | None) -> HttpResponse:
    """The studio's page, or one that says how to get it; without a studio a plain one."""
    headers = (("content-type", "text/html; charset=utf-8"), ("cache-control", "no-cache"), *PAGE_HEADERS)
    if studio is None:
        return HttpResponse(200, PLAIN.encode(), headers)
    try:
        page = (studio / "index.html").read_bytes()
    except OSError:
        return HttpResponse(200, NOT_BUILT.encode(), headers)
    return HttpResponse(200, page, headers)


def answer_asset(studio: Path, name: str) -> HttpResponse:
    """The file `name` of the studio's assets; 404 for anything that is not a file in there."""
    folder = (studio / "assets").resolve()
    try:
        file = (folder / name).resolve(strict=True)
        if not file.is_relative_to(folder) or not file.is_file():
            return HttpResponse(404)
        body = file.read_bytes()
    except (OSError, ValueError):
        return HttpResponse(404)
    content_type = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
    if content_type.startswith("text/") or content_type.endswith(("javascript", "json")):
        content_type += "; charset=utf-8"
    caching = ("cache-control", f"public, max-age={ASSET_AGE_S}, immutable")
    return HttpResponse(200, body, (("content-type", content_type), caching, *PAGE_HEADERS))
