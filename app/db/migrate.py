"""Migrations: the cluster's roles, then alembic as the owner of the tables, one process at a time."""

import asyncio
from pathlib import Path

import asyncpg
from alembic import command
from alembic.config import Config as AlembicConfig
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError

from app import log
from app.db.engine import DriverConnection, connect_arguments, owner_arguments
from app.db.errors import RolesMissing, TableHeld

ROOT = Path(__file__).resolve().parents[2]
RUNTIME_ROLES = ("gw_app", "gw_worker", "gw_platform")
_ROLES_MISSING = (
    "The migrating user may not prepare the gateway's roles. Let an administrator create gw_owner, gw_app, gw_worker"
    " and gw_platform (NOLOGIN), grant them to this user (with ADMIN OPTION, if the services have another one) and"
    " grant CREATE on schema public to gw_owner; or migrate as a user with CREATEROLE that owns the database."
)
_TABLE_HELD = (
    "A migration got no lock: somebody's transaction holds the table for longer than all its tries. Look for an old"
    " xact_start in pg_stat_activity, wait for its end or bring it about, and migrate again: what is done stays done."
)
_PAUSES = (0.5, 1.0, 2.0, 4.0, 8.0, 8.0)
_LOCK_NOT_AVAILABLE = "55P03"
_logger = log.get("db.migrate")
_LOCK = 0x6D70_6761  # "mpga": one migration at a time on one database


def alembic_config(url: str) -> AlembicConfig:
    """Return alembic's configuration for this database."""
    config = AlembicConfig(str(ROOT / "alembic.ini"))
    config.attributes["url"] = url
    return config


async def upgrade(url: str, *, runtime_url: str | None = None, revision: str = "head") -> None:
    """Create the roles where absent, let the runtime user enter them, and migrate to `revision`.

    Args:
        url: the migrating user's URL (`MIGRATION_DATABASE_URL`, else `DATABASE_URL`).
        runtime_url: the URL that services connect with, when it is another user's.
        revision: alembic revision.

    Raises:
        RolesMissing: the roles do not exist and this user may not create them.
        TableHeld: a table was held by others whenever a migration came for it.
    """
    # Without limits: a run may take long, and whoever comes second waits for all of it.
    connection = await asyncpg.connect(**owner_arguments(url))
    try:
        # Held on a connection of its own for the whole run, roles included (two grants at once fail with
        # "tuple concurrently updated"); alembic works on another.
        await connection.execute("select pg_advisory_lock($1)", _LOCK, timeout=120)
        await prepare_roles(url, runtime_user=make_url(runtime_url).username if runtime_url else None)
        await _until_locks_are_had(url, revision)
    finally:
        await connection.close()


async def _until_locks_are_had(url: str, revision: str) -> None:
    """Migrate; where a reader holds a table for longer than the lock timeout, come again (threats.md H6)."""
    for pause in (*_PAUSES, None):
        try:
            await asyncio.to_thread(command.upgrade, alembic_config(url), revision)
        except DBAPIError as refused:
            if getattr(refused.orig, "sqlstate", None) != _LOCK_NOT_AVAILABLE:
                raise
            if pause is None:
                raise TableHeld(_TABLE_HELD) from refused
            _logger.warning("db.migration.waits", seconds=pause)
            await asyncio.sleep(pause)
        else:
            return


async def downgrade(url: str, revision: str) -> None:
    """Migrate down to `revision` (`base` removes everything but the cluster's roles)."""
    await asyncio.to_thread(command.downgrade, alembic_config(url), revision)


async def prepare_roles(url: str, *, runtime_user: str | None) -> None:
    """Create gw_owner and the runtime roles if absent; migrations never drop them (threats.md 4.1)."""
    connection = await asyncpg.connect(**connect_arguments(url))
    try:
        for role in ("gw_owner", *RUNTIME_ROLES):
            await _ensure_role(connection, role)
            await _grant(connection, role, "current_user")
        if runtime_user is not None:
            quoted = await connection.fetchval("select quote_ident($1)", runtime_user)
            for role in RUNTIME_ROLES:
                await _grant(connection, role, str(quoted))
        await connection.execute("grant usage, create on schema public to gw_owner")
        await connection.execute("grant usage on schema public to gw_app, gw_worker, gw_platform")
        # A grant by somebody who may not give it is a warning to PostgreSQL, and an error only later.
        if not await connection.fetchval("select has_schema_privilege('gw_owner', 'public', 'create')"):
            raise RolesMissing(_ROLES_MISSING)
    except asyncpg.InsufficientPrivilegeError as error:
        raise RolesMissing(f"{_ROLES_MISSING} ({error})") from error
    finally:
        await connection.close()


async def _ensure_role(connection: DriverConnection, role: str) -> None:
    if await connection.fetchval("select 1 from pg_roles where rolname = $1", role):
        return
    try:
        await connection.execute(f"create role {role} nologin nosuperuser nobypassrls nocreatedb nocreaterole")
    except (asyncpg.DuplicateObjectError, asyncpg.UniqueViolationError):
        return  # another database's migration made it at the same moment


async def _grant(connection: DriverConnection, role: str, to: str) -> None:
    # Since PostgreSQL 16 who created a role is its member without the right to enter it, and may grant that to itself.
    enter = "set" if connection.get_server_version().major >= 16 else "member"  # noqa: PLR2004 -- see above
    target = "current_user" if to == "current_user" else f"'{to.strip(chr(34))}'"
    if not await connection.fetchval(f"select pg_has_role({target}, '{role}', '{enter}')"):
        await connection.execute(f"grant {role} to {to}")
