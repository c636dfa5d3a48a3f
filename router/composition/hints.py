"""The hints that composition gives, by code, with their levels."""

from enum import StrEnum


class HintLevel(StrEnum):
    """How much a hint matters: WARN is probably a mistake, INFO worth knowing, DEBUG for the curious."""

    WARN = "WARN"
    INFO = "INFO"
    DEBUG = "DEBUG"


HINT_LEVELS: dict[str, HintLevel] = {
    **dict.fromkeys(
        (
            "CONTRACT_TAG_UNUSED",
            "DIRECTIVE_COMPOSITION_WARN",
            "FROM_SUBGRAPH_DOES_NOT_EXIST",
            "INCONSISTENT_ARGUMENT_PRESENCE",
            "INCONSISTENT_DEFAULT_VALUE_PRESENCE",
            "INCONSISTENT_DESCRIPTION",
            "INCONSISTENT_ENUM_VALUE_FOR_INPUT_ENUM",
            "INCONSISTENT_EXECUTABLE_DIRECTIVE_LOCATIONS",
            "INCONSISTENT_EXECUTABLE_DIRECTIVE_PRESENCE",
            "INCONSISTENT_EXECUTABLE_DIRECTIVE_REPEATABLE",
            "INCONSISTENT_INPUT_OBJECT_FIELD",
            "INCONSISTENT_NON_REPEATABLE_DIRECTIVE_ARGUMENTS",
            "INCONSISTENT_RUNTIME_TYPES_FOR_SHAREABLE_RETURN",
            "NO_EXECUTABLE_DIRECTIVE_INTERSECTION",
        ),
        HintLevel.WARN,
    ),
    **dict.fromkeys(
        (
            "CONTEXTUAL_ARGUMENT_NOT_CONTEXTUAL_IN_ALL_SUBGRAPHS",
            "DIRECTIVE_COMPOSITION_INFO",
            "IMPLICITLY_UPGRADED_FEDERATION_VERSION",
            "INCONSISTENT_BUT_COMPATIBLE_ARGUMENT_TYPE",
            "INCONSISTENT_BUT_COMPATIBLE_FIELD_TYPE",
            "INCONSISTENT_ENTITY",
            "MERGED_NON_REPEATABLE_DIRECTIVE_ARGUMENTS",
            "OVERRIDDEN_FIELD_CAN_BE_REMOVED",
            "OVERRIDE_DIRECTIVE_CAN_BE_REMOVED",
            "OVERRIDE_MIGRATION_IN_PROGRESS",
        ),
        HintLevel.INFO,
    ),
    **dict.fromkeys(
        (
            "INCONSISTENT_ENUM_VALUE_FOR_OUTPUT_ENUM",
            "INCONSISTENT_INTERFACE_VALUE_TYPE_FIELD",
            "INCONSISTENT_OBJECT_VALUE_TYPE_FIELD",
            "INCONSISTENT_UNION_MEMBER",
            "UNUSED_ENUM_TYPE",
        ),
        HintLevel.DEBUG,
    ),
}
