"""What someone who misspelt a name may have meant."""

from collections.abc import Iterable
from difflib import get_close_matches


def suggest(name: str, known: Iterable[str]) -> str:
    """` Did you mean "x"?` with a leading space, empty if nothing known is near."""
    matches = get_close_matches(name, list(known), n=1, cutoff=0.6)
    return f' Did you mean "{matches[0]}"?' if matches else ""
