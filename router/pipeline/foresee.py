"""What is told of an operation before it is served, to supergraph hooks and in log lines: Apollo Router reads it before them.

Nothing is decided here. A hook may still change the request, and what is refused is refused after the hooks, who see that.
"""

from msgspec.structs import replace

from router.errors import RefusedError
from router.pipeline.authorize import find_demand, note_demand
from router.pipeline.document import find_document
from router.pipeline.generation import Generation
from router.pipeline.hooks import note_operation
from router.pipeline.persisted import foresee_text
from router.pipeline.request import RequestContext
from router.pipeline.validate import select_operation


async def foresee(context: RequestContext, generation: Generation) -> None:
    """Tell the context which operation is asked for and what that asks of its caller, as far as it is known."""
    text = await foresee_text(context, generation)
    try:
        request = replace(context.request, query=text)
        operation = select_operation(await find_document(request, generation), request)
    except RefusedError:
        return
    note_operation(operation, request)
    note_demand(find_demand(operation, generation), context.entries)
