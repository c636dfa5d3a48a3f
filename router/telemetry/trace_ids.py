"""How the id of a trace is written."""

from uuid import UUID


def write_trace_id(trace_id: int, form: str) -> str:
    """A trace's id, 128 bits, in one of `TRACE_ID_FORMATS`; Datadog's are the lower 64, in decimal."""
    match form:
        case "decimal":
            return str(trace_id)
        case "datadog":
            return str(trace_id & (2**64 - 1))
        case "uuid":
            return str(UUID(int=trace_id))
        case _:
            return f"{trace_id:032x}"
