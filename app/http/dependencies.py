"""Dependencies that routes share: the runtime, units of work, who acts."""

from collections.abc import AsyncGenerator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Annotated, cast
from uuid import UUID

from fastapi import Depends, Request

from app import uow as units
from app.access.principal import Principal
from app.http.exchange import Exchange
from app.http.handlers import exchange_of
from app.runtime import Runtime
from app.uow import Actor, UnitOfWork


def runtime_of(request: Request) -> Runtime:
    """Return the process's Runtime."""
    return cast("Runtime", request.app.state.runtime)


RuntimeDep = Annotated[Runtime, Depends(runtime_of)]


def person(exchange: Exchange, principal: Principal) -> Actor:
    """Return the signed-in person as an audit row names them."""
    agent = exchange.header(b"user-agent")
    return Actor(
        type="user",
        id=str(principal.user_id),
        ip=exchange.client_ip,
        user_agent=agent[:512] if agent else None,
        request_id=exchange.request_id,
    )


def anonymous(exchange: Exchange) -> Actor:
    """Return who acts before it is known who they are: an address and a browser."""
    agent = exchange.header(b"user-agent")
    return Actor(
        type="anonymous",
        id="-",
        ip=exchange.client_ip,
        user_agent=agent[:512] if agent else None,
        request_id=exchange.request_id,
    )


def service_actor(exchange: Exchange, client_id: str) -> Actor:
    """Return a service client as an audit row names it."""
    return Actor(type="service", id=client_id, ip=exchange.client_ip, request_id=exchange.request_id)


class Units:
    """Opens the units of one request, each committed when its block ends and before anything is answered."""

    def __init__(self, request: Request) -> None:
        self._runtime = runtime_of(request)
        self.exchange = exchange_of(request)

    def own(self, principal: Principal) -> AbstractAsyncContextManager[UnitOfWork]:
        """Return a unit of the tenant that the principal, and so the session, belongs to."""
        return self.acting(principal, principal.home_organization_id)

    def acting(self, principal: Principal, organization: UUID) -> AbstractAsyncContextManager[UnitOfWork]:
        """Return a unit of this tenant in which the principal acts; that they may has been found out before."""
        return units.beginner(self._runtime, actor=person(self.exchange, principal))(organization)

    @asynccontextmanager
    async def reading(self, principal: Principal, permission: str) -> AsyncGenerator[UnitOfWork]:
        """Yield a unit that reads as far as the principal's permission reaches: every tenant, or their own."""
        everywhere = principal.reach(permission) == "all"
        begin = units.beginner(self._runtime, actor=person(self.exchange, principal), unscoped=everywhere)
        async with begin(None if everywhere else principal.organization_id) as uow:
            yield uow


UnitsDep = Annotated[Units, Depends(Units)]
