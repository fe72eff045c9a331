"""Assembles the routers and the hot doors, in two visible lists."""

from fastapi import APIRouter

from app.audit import endpoints as audit
from app.bootstrap import Assembly
from app.clients import endpoints as clients
from app.connections import endpoints as connections
from app.directories import adding_endpoints as adding_directories
from app.directories import endpoints as directories
from app.directories import mapping_endpoints as role_mappings
from app.directories import sync_endpoints as directory_syncs
from app.directories.doors import DirectoryDoors
from app.http import console, docs
from app.http.gateway import Door, Gateway
from app.http.limits import AddressLimits
from app.onboarding import endpoints as onboarding
from app.people import endpoints as people
from app.people import session_endpoints as people_sessions
from app.portal import endpoints as portal
from app.sessions import endpoints as sessions
from app.sessions import revocation_endpoints as revocations
from app.sessions.doors import SessionDoors
from app.settings import endpoints as settings
from app.sso import configuration_endpoints as sso_configuration
from app.sso import diagnosis_endpoints as diagnostics
from app.sso import endpoints as sso
from app.sso import mapping_endpoints as attribute_mappings
from app.sso import policy_endpoints as sso_policy
from app.sso import trial_endpoints as connection_tests
from app.sso.endpoints import SignInDoors
from app.status import endpoints as status
from app.status import integration_endpoints as integration_status
from app.status.service import Readiness
from app.webhooks import endpoints as webhooks
from app.webhooks.doors import WebhookDoor

ROUTERS: tuple[APIRouter, ...] = (
    sso.router,
    sso_policy.router,
    sso_configuration.router,
    sessions.router,
    revocations.router,
    connections.router,
    connection_tests.router,
    diagnostics.router,
    portal.router,
    adding_directories.router,
    directories.router,
    directory_syncs.router,
    role_mappings.router,
    attribute_mappings.router,
    onboarding.router,
    people.router,
    people_sessions.router,
    clients.router,
    webhooks.router,
    audit.router,
    settings.router,
    status.router,
    integration_status.router,
)


def include(app: Gateway) -> None:
    """Give the application its routes."""
    for router in ROUTERS:
        app.include_router(router)
    docs.include(app)
    console.include(app)


def bind(app: Gateway, assembly: Assembly) -> None:
    """Give the routes what they work with, and open the hot doors.

    Each hot door is an ordinary route too, so it stands in OpenAPI; a figure in bench/ asks for each (speed.md).
    """
    runtime = assembly.runtime
    session = SessionDoors(runtime, assembly.lookups, assembly.live, assembly.credentials)
    sign_in = SignInDoors(runtime)
    app.state.runtime = runtime
    app.limits = AddressLimits(runtime.rates) if runtime.rates.on else None
    app.state.webhooks = WebhookDoor(runtime)
    app.state.session_doors = session
    app.state.revocations = assembly.revocations
    app.state.sign_in = sign_in
    app.state.readiness = Readiness(runtime.lane, proven=assembly.proven)
    doors: dict[tuple[str, str], Door] = {
        ("POST", "/auth/token"): session.token,
        ("GET", "/auth/session"): session.session,
        ("POST", "/auth/introspect"): session.introspect,
        ("GET", "/.well-known/jwks.json"): session.jwks,
        ("GET", "/auth/sso"): sign_in.start,
        ("GET", "/auth/callback/workos"): sign_in.callback,
        ("POST", "/webhooks/workos"): app.state.webhooks.receive,
        ("GET", "/api/directories/{directory_id}/users"): DirectoryDoors(runtime).users,
    }
    app.open_doors(doors)
