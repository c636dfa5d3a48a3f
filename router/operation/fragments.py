"""The fragments that a document defines."""

from graphql import DocumentNode, FragmentDefinitionNode


def read_fragments(document: DocumentNode) -> dict[str, FragmentDefinitionNode]:
    """The definitions by their names."""
    return {
        node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)
    }
