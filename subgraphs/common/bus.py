"""News over NATS JetStream, through FastStream: the same step as over HTTP, for many services and many processes.

One stream keeps what no service has taken yet; a service's processes share its durable consumer. An event is published
when the server has it on disk. It is acknowledged when it was heard, and comes again until then, later and later. The
stream is bounded: when it is full it takes nothing more, and the news waits in the outboxes.

Whoever can reach the server could publish, so each event is signed with the services' secret.
"""

import asyncio
import logging
import time
from typing import NoReturn

import orjson
from faststream import AckPolicy
from faststream.nats import JStream, NatsBroker, NatsMessage, PullSub
from nats.errors import Error as NatsError
from nats.js.api import ConsumerConfig, DiscardPolicy, RetentionPolicy, StorageType
from pydantic import ValidationError

from subgraphs.common.events import Event, EventBody, Hear, UnusableEventError
from subgraphs.common.internal import SIGNATURE_HEADER, PeerError, is_signed, sign

STREAM = "MARKETPLACE_EVENTS"
SUBJECT = "marketplace.events"
ID_HEADER = "Nats-Msg-Id"
"""Two messages with one id within two minutes are one to the server."""
BYTES_MAX = 256 * 1024 * 1024
MESSAGE_BYTES_MAX = 64 * 1024
DUPLICATE_WINDOW_S = 120.0
PUBLISH_TIMEOUT_S = 5.0
ACK_WAIT_S = 30.0
AT_ONCE = 10
"""How many events a process hears at once."""
UNHEARD_MAX = 1_000
FETCH_S = 5.0
RETRY_S_FIRST = 1.0
RETRY_DOUBLINGS_MAX = 9
CONNECT_S = 2
_METHOD = "PUBLISH"

_log = logging.getLogger(__name__)


class EventBus:
    """A service's place on the bus: it brings the news of others' outboxes there, and hears what is for `service`."""

    def __init__(self, url: str, service: str, secret: str) -> None:
        """Take the server's URL; nothing is asked of it yet."""
        self._service = service
        self._secret = secret
        self._broker = NatsBroker(
            url,
            name=service,
            connect_timeout=CONNECT_S,
            reconnect_time_wait=1,
            max_reconnect_attempts=-1,
            apply_types=False,
            logger=None,
        )
        self._is_started = False

    async def deliver(self, peer: str, event: Event) -> None:
        """See `Courier.deliver`.

        Raises:
            PeerError: the server did not say that it has the event.
        """
        if not self._is_started:
            raise PeerError("the bus is not reached yet")
        subject, body = f"{SUBJECT}.{peer}", orjson.dumps(event.write())
        signature = sign(self._secret, _METHOD, subject, body, int(time.time()))
        headers = {ID_HEADER: str(event.id), SIGNATURE_HEADER: signature}
        try:
            await self._broker.publish(body, subject, headers, stream=STREAM, timeout=PUBLISH_TIMEOUT_S)
        except (NatsError, OSError, TimeoutError) as error:
            raise PeerError(f"the bus did not take {event.type}: {error!r}") from error

    async def run(self, hear: Hear) -> NoReturn:
        """Hear what is for this service, for ever; a server that is away is waited for."""
        self._subscribe(hear)
        while not self._is_started:
            try:
                await self._broker.start()
                self._is_started = True
            except (NatsError, OSError, TimeoutError) as error:
                _log.warning("the bus is not reached: %r", error)
                await asyncio.sleep(RETRY_S_FIRST)
        await asyncio.Event().wait()
        raise AssertionError("an event that nobody sets is waited for without end")

    async def close(self) -> None:
        """End what is being heard and leave the bus."""
        self._is_started = False
        await self._broker.stop()

    def _subscribe(self, hear: Hear) -> None:
        subject = f"{SUBJECT}.{self._service}"

        async def undecoded(message: NatsMessage) -> NatsMessage:
            return message

        async def take(message: NatsMessage) -> None:
            await self._take(message, subject, hear)

        self._broker.subscriber(
            subject,
            durable=self._service,
            stream=JStream(
                STREAM,
                subjects=[f"{SUBJECT}.>"],
                retention=RetentionPolicy.WORK_QUEUE,
                storage=StorageType.FILE,
                discard=DiscardPolicy.NEW,
                max_bytes=BYTES_MAX,
                max_msg_size=MESSAGE_BYTES_MAX,
                duplicate_window=DUPLICATE_WINDOW_S,
            ),
            config=ConsumerConfig(ack_wait=ACK_WAIT_S, max_ack_pending=UNHEARD_MAX, max_deliver=-1),
            pull_sub=PullSub(batch_size=AT_ONCE, timeout=FETCH_S),
            decoder=undecoded,
            ack_policy=AckPolicy.MANUAL,
        )(take)

    async def _take(self, message: NatsMessage, subject: str, hear: Hear) -> None:
        body = bytes(message.body)
        signature = str(message.headers.get(SIGNATURE_HEADER, ""))
        # However old: it may have waited here for long, and hearing it again changes nothing.
        if not is_signed(signature, self._secret, _METHOD, subject, body, tolerance_s=None):
            _log.error("an event on %s is not of the marketplace's services; it is dropped", subject)
            await message.reject()
            return
        try:
            await hear(EventBody.model_validate_json(body))
        except (ValidationError, UnusableEventError) as error:
            # Kept, as over HTTP: a newer release of this service may be able to read it.
            _log.error("an event on %s cannot be read, and is tried again later: %s", subject, error)
        except Exception:  # noqa: BLE001  a boundary: whatever it is, the event comes again
            _log.exception("an event on %s was not heard, and is tried again later", subject)
        else:
            await message.ack()
            return
        tries = min(message.raw_message.metadata.num_delivered - 1, RETRY_DOUBLINGS_MAX)
        await message.nack(delay=RETRY_S_FIRST * 2**tries)
