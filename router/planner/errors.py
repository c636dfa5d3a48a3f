"""Why an operation cannot be planned."""


class PlanningError(Exception):
    """No plan. The message is for clients: it names what they asked, not how planning works."""


class UnreachableFieldError(PlanningError):
    """No subgraph that can be reached from here answers a field that the operation asks.

    Attributes:
        path: where the operation asks it, without the field itself: `orders.@.lines.@`; empty at the root.
        homes: the names of the subgraphs that resolve it. Not for clients.
    """

    def __init__(self, type_name: str, field_name: str, path: str = "", homes: tuple[str, ...] = ()) -> None:
        place = f' at "{path}"' if path else ""
        super().__init__(
            f'Cannot plan field "{type_name}.{field_name}"{place}: no subgraph in reach can resolve it'
        )
        self.type_name = type_name
        self.field_name = field_name
        self.path = path
        self.homes = homes


class TooComplexError(PlanningError):
    """Planning would take more steps than there may be: `PlannerOptions.steps_max`, and one for each selection."""

    def __init__(self, steps_max: int) -> None:
        super().__init__(
            f"The operation is too complex: its plan was not found in {steps_max} steps. Ask for it in parts"
        )
        self.steps_max = steps_max
