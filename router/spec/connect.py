"""The connectors' specification: what a subgraph that links it may apply.

Spec: https://specs.apollo.dev/connect, v0.1 to v0.4.
"""

from string import Template

IDENTITY = "https://specs.apollo.dev/connect"
SINCE: dict[tuple[int, int], tuple[int, int]] = {
    (0, 1): (2, 10),
    (0, 2): (2, 11),
    (0, 3): (2, 12),
    (0, 4): (2, 13),
}
"""Version -> the federation version that it needs."""
SUPERGRAPH_VERSION = (0, 3)
"""What a supergraph links, unless a subgraph links a newer one."""
DIRECTIVES = ("connect", "source")
"""They reach the supergraph inside `@join__directive`."""
TYPES = (
    *("URLPathTemplate", "JSONSelection", "ConnectorErrors", "HTTPHeaderMapping", "ConnectBatch"),
    *("SourceHTTP", "ConnectHTTP"),
)
DEFINITIONS = Template("""
scalar $URLPathTemplate
scalar $JSONSelection
input $ConnectorErrors { message: $JSONSelection extensions: $JSONSelection }
input $HTTPHeaderMapping { name: String! from: String value: String }
input $ConnectBatch { maxSize: Int }
input $SourceHTTP { baseURL: String! headers: [$HTTPHeaderMapping!] path: $JSONSelection queryParams: $JSONSelection }
input $ConnectHTTP {
  GET: $URLPathTemplate POST: $URLPathTemplate PUT: $URLPathTemplate PATCH: $URLPathTemplate DELETE: $URLPathTemplate
  body: $JSONSelection headers: [$HTTPHeaderMapping!] path: $JSONSelection queryParams: $JSONSelection
}
directive @$connect(
  source: String id: String http: $ConnectHTTP batch: $ConnectBatch errors: $ConnectorErrors
  selection: $JSONSelection! entity: Boolean = false isSuccess: $JSONSelection
) repeatable on FIELD_DEFINITION | OBJECT
directive @$source(
  name: String! http: $SourceHTTP! errors: $ConnectorErrors isSuccess: $JSONSelection
) repeatable on SCHEMA
""")
"""Of the newest version, which only adds to the others; with the names that a subgraph uses for `$` names."""
