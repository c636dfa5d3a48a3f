"""Which foreign pages may talk to the router. Spec: Fetch, CORS protocol; Private Network Access."""

from router.server.messages import Headers, HttpRequest, HttpResponse
from router.server.options import CorsOptions, CorsPolicy

VARY: Headers = (("vary", "origin"),)
PRIVATE_ASKED = "access-control-request-private-network"


def is_preflight(request: HttpRequest) -> bool:
    """Whether a browser asks whether it may send a request."""
    return (
        request.method == "OPTIONS"
        and request.values.get("origin") is not None
        and request.values.get("access-control-request-method") is not None
    )


def answer_preflight(request: HttpRequest, options: CorsOptions) -> HttpResponse:
    """What the browser may send; nothing for origins that no policy names."""
    policy = _find_policy(request, options)
    if policy is None:
        return HttpResponse(200, headers=VARY)
    asked = request.values.get("access-control-request-headers")
    allowed = ", ".join(policy.allow_headers) or asked
    headers = [
        *build_cors_headers(request, options),
        ("access-control-allow-methods", ", ".join(policy.methods)),
    ]
    if allowed:
        headers.append(("access-control-allow-headers", allowed))
    if policy.private_network is not None and request.values.get(PRIVATE_ASKED) == "true":
        headers += [("access-control-allow-private-network", "true"), *policy.private_network]
    if policy.max_age_s is not None:
        headers.append(("access-control-max-age", str(policy.max_age_s)))
    return HttpResponse(200, headers=tuple(headers))


def build_cors_headers(request: HttpRequest, options: CorsOptions) -> Headers:
    """What lets a page of a permitted origin read the response."""
    if request.values.get("origin") is None:
        return VARY
    policy = _find_policy(request, options)
    if policy is None:
        return VARY
    origin = request.values.get("origin") or ""
    # A policy for every origin never goes with credentials, which the configuration refuses.
    shown = "*" if policy is options.any_origin else origin
    headers = [*VARY, ("access-control-allow-origin", shown)]
    if policy.allow_credentials:
        headers.append(("access-control-allow-credentials", "true"))
    if policy.expose_headers:
        headers.append(("access-control-expose-headers", ", ".join(policy.expose_headers)))
    return tuple(headers)


def _find_policy(request: HttpRequest, options: CorsOptions) -> CorsPolicy | None:
    origin = request.values.get("origin")
    return None if origin is None else options.find_policy(origin)
