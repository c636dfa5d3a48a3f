"""The ASGI application: hands every request to the server of the day."""

import asyncio
import gc

from router.server.http import HttpServer
from router.server.messages import Receive, Scope, Send
from router.server.options import ServerOptions


class RouterApp:
    """A GraphQL router as a raw ASGI application: for a server of its own, or mounted in another app.

    Mounted applications are told of no start and no end, so nothing is opened before the first request,
    and `close` may be called by whoever mounts it.
    """

    def __init__(self, server: HttpServer) -> None:
        self._server = server
        self._closing: set[asyncio.Task[None]] = set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection scope. Spec: ASGI 3.0."""
        if scope["type"] == "http":
            await self._server.serve(scope, receive, send)
        elif scope["type"] == "lifespan":
            await self._live(receive, send)
        elif scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.close", "code": 1008})

    @property
    def options(self) -> ServerOptions:
        """What is set about the HTTP side."""
        return self._server.options

    async def warm_up(self, server: HttpServer) -> int:
        """Have a server that is to be swapped in plan what the present one was asked last; gives how many plans."""
        return await server.warm_up(self._server)

    def swap(self, server: HttpServer) -> None:
        """Serve requests from now on with `server`; those under way end where they began."""
        server.is_draining = self._server.is_draining
        closing = asyncio.get_running_loop().create_task(self._server.close())
        self._server = server
        self._closing.add(closing)
        closing.add_done_callback(self._forget)

    def start_draining(self) -> None:
        """Tell load balancers to send no more work."""
        self._server.is_draining = True

    async def close(self) -> None:
        """Finish what is under way and let go of connections and threads."""
        await asyncio.gather(self._server.close(), *self._closing, return_exceptions=True)

    def _forget(self, closing: asyncio.Task[None]) -> None:
        self._closing.discard(closing)
        # Schemas, documents and plans refer to each other, and the collector looks at what is old only now and then:
        # several generations would be in memory at a time.
        gc.collect()

    async def _live(self, receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                await self._server.warm_up()
                await send({"type": "lifespan.startup.complete"})
            else:
                await self.close()
                await send({"type": "lifespan.shutdown.complete"})
                return
