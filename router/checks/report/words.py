"""Words that all forms of the report share."""

from collections import Counter
from collections.abc import Iterable

from router.checks.changes import Change, Criticality
from router.checks.check import Check
from router.checks.exports import StaleSchema
from router.checks.operations import OperationCheck


def summarize(check: Check) -> str:
    """One sentence: the verdict and what it rests on."""
    if check.errors:
        return f"The subgraphs do not compose: {count(len(check.errors), 'error')}."
    verdict = "This is safe to publish" if check.is_safe else "This must not be published as it is"
    facts = [count_changes(check.changes)]
    if check.operations is not None:
        total = count(len(check.operations), "operation")
        facts.append(f"{len(check.broken)} of {total} broken" if check.broken else f"{total} unharmed")
    if check.stale:
        facts.append(f"{count(len(check.stale), 'schema')} not as exported")
    return f"{verdict}: {', '.join(facts)}."


def count_changes(changes: Iterable[Change]) -> str:
    """`1 breaking, 2 safe changes`, or `no changes`."""
    numbers = Counter(change.criticality for change in changes)
    told = [f"{numbers[each]} {each.value}" for each in Criticality if numbers[each]]
    plural = "" if numbers.total() == 1 else "s"
    return f"{', '.join(told) or 'no'} change{plural}"


def count(number: int, noun: str) -> str:
    """`1 error`, `2 errors`."""
    return f"{number} {noun}{'' if number == 1 else 's'}"


def describe_use(change: Change) -> str:
    """Who uses the element of a change; empty if nobody was asked."""
    if change.operations is None or change.criticality is Criticality.SAFE:
        return ""
    if not change.operations:
        return "no operation uses it"
    return f"used by {', '.join(change.operations)}"


def list_reasons(operation: OperationCheck) -> tuple[str, ...]:
    """Why an operation is broken, or is not valid: what validation says, then the changes that it notices."""
    return (*operation.errors, *(change.message for change in operation.changes))


def describe_stale(stale: StaleSchema) -> str:
    """What is wrong with a committed schema, and what to do."""
    return f"The schema of {stale.subgraph} is not what its code exports: export it again and review the difference."
