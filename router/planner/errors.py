"""Why an operation cannot be planned."""


class PlanningError(Exception):
    """No plan. The message is for clients: it names what they asked, not how planning works."""


class UnreachableFieldError(PlanningError):
    """No subgraph that can be reached from here answers a field that the operation asks."""

    def __init__(self, type_name: str, field_name: str) -> None:
        super().__init__(f'Cannot plan field "{type_name}.{field_name}": no subgraph in reach can resolve it')
        self.type_name = type_name
        self.field_name = field_name


class TooComplexError(PlanningError):
    """Planning would take more steps than `PlannerOptions.steps_max` allows."""

    def __init__(self, steps_max: int) -> None:
        super().__init__(f"The operation is too complex: its plan was not found in {steps_max} steps")
        self.steps_max = steps_max
