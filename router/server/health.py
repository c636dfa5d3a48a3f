"""Telling orchestrators whether the router lives and whether to send it work."""

from router.kit.json import write_json
from router.server.messages import HttpRequest, HttpResponse

UNAVAILABLE = 503


def answer_health(request: HttpRequest, *, is_ready: bool) -> HttpResponse:
    """UP or DOWN. `?ready` asks for work's sake; anything else asks only whether the process answers."""
    is_asked_for_work = request.query_string.lower().startswith("ready")
    is_up = is_ready or not is_asked_for_work
    body = write_json({"status": "UP" if is_up else "DOWN"})
    headers = (("content-type", "application/json"), ("cache-control", "no-store"))
    return HttpResponse(200 if is_up else UNAVAILABLE, body, headers)
