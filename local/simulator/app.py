"""The simulator as an ASGI application, made from parts that tests may replace."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime

import httpx
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.responses import Response
from starlette.routing import Mount, Route

from local.process import OWN_NAMES
from local.simulator.account import Account, Limits
from local.simulator.api import Api
from local.simulator.authorization import Authorizer, Everybody
from local.simulator.connections import DropUnanswered, Transports
from local.simulator.control import control_routes
from local.simulator.faults import Faults, FaultSource
from local.simulator.inbound import InboundTopics, NoTopics, inbound_routes
from local.simulator.inbox.store import Inbox
from local.simulator.inbox.web import inbox_routes
from local.simulator.mailbox import Fate
from local.simulator.outbound import Outbound
from local.simulator.publishing import EventQueue, NoPublisher, Publisher
from local.simulator.resources import FixedResources, Resources
from local.simulator.stats import Stats
from local.simulator.suppression import SuppressionList

ACCOUNT_ID = "000000000000"  # MiniStack's


def utc_now() -> datetime:
    """Return the time now."""
    return datetime.now(UTC)


@dataclass(frozen=True)
class Simulator:
    """The application, and handles on its inside for tests in the same process."""

    app: Starlette
    account: Account
    faults: FaultSource
    suppression: SuppressionList
    inbox: Inbox
    events: EventQueue
    stats: Stats
    transports: Transports
    fates: dict[str, Fate]
    """Of mailboxes that close, or whose owners complain, whatever their addresses say."""


def create_simulator(
    *,
    clock: Callable[[], datetime] = utc_now,
    publisher: Publisher | None = None,
    resources: Resources | None = None,
    authorizer: Authorizer | None = None,
    inbound_topics: InboundTopics | None = None,
    http_client: httpx.AsyncClient | None = None,
    aws_endpoint: str | None = None,
    region: str = "us-east-1",
    account_id: str = ACCOUNT_ID,
    limits: Limits | None = None,
    seed: int = 1,
    background: bool = True,
) -> Simulator:
    """Make a simulator. Without an AWS endpoint it needs nothing and asks nobody.

    Args:
        clock: Tells the time; rate, quota and events go by it.
        publisher: Takes events to topics.
        resources: Knows configuration sets and verified senders.
        authorizer: Knows who may call.
        inbound_topics: Knows who is told of received mail.
        http_client: Used to pass on what is not simulated; None, or no endpoint, refuses it.
        aws_endpoint: Where that goes.
        region: Assumed where a request does not say.
        account_id: The account of all ARNs.
        limits: What the account may send at first.
        seed: Where random ids and faults start.
        background: Publish events by itself; if not, somebody drains the queue.
    """
    account = Account(limits)
    faults = FaultSource(Faults(seed=seed))
    suppression, inbox, stats = SuppressionList(), Inbox(), Stats()
    known = resources or FixedResources()
    transports: Transports = {}
    fates: dict[str, Fate] = {}
    events = EventQueue(
        publisher=publisher or NoPublisher(),
        resources=known,
        faults=faults,
        stats=stats,
        clock=clock,
        account_id=account_id,
    )
    outbound = Outbound(
        account=account,
        faults=faults,
        suppression=suppression,
        inbox=inbox,
        events=events,
        stats=stats,
        clock=clock,
        seed=seed,
        fates=fates,
    )
    api = Api(
        outbound=outbound,
        account=account,
        faults=faults,
        suppression=suppression,
        stats=stats,
        resources=known,
        authorizer=authorizer or Everybody(),
        clock=clock,
        region=region,
        account_id=account_id,
        aws_endpoint=aws_endpoint,
        http_client=http_client,
    )

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        publishing = asyncio.create_task(events.run()) if background else None
        yield
        if publishing is not None:
            publishing.cancel()
            with suppress(asyncio.CancelledError):
                await publishing
        if http_client is not None:
            await http_client.aclose()

    app = Starlette(
        routes=[
            *api.routes(),
            *control_routes(
                account=account, faults=faults, stats=stats, events=events, inbox=inbox, clock=clock, seed=seed
            ),
            *inbound_routes(
                topics=inbound_topics or NoTopics(),
                publisher=publisher or NoPublisher(),
                clock=clock,
                region=region,
            ),
            # Relative, so that it holds behind a proxy too.
            Route("/inbox", lambda _: Response(status_code=307, headers={"Location": "inbox/"})),
            Mount("/inbox", routes=inbox_routes(inbox)),
        ],
        lifespan=lifespan,
        middleware=[
            # The inbox holds mails, and a website elsewhere can have its own name resolve to this machine.
            Middleware(TrustedHostMiddleware, allowed_hosts=OWN_NAMES, www_redirect=False),
            Middleware(DropUnanswered, transports=transports),
        ],
    )
    return Simulator(app, account, faults, suppression, inbox, events, stats, transports, fates)
