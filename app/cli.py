"""Operator verbs: serve, worker, migrate, dev, sandbox, admin-link, keys, replay, audit-schemas, openapi, check."""

import argparse
import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import uvloop
from pydantic import SecretStr

from app import bootstrap, chores, dev, jobs, log
from app import uow as units
from app.bootstrap import assembled, database_url
from app.config import Config, load
from app.db import engine
from app.db.errors import RolesMissing, TableHeld
from app.http.serving import serve, uvicorn_config
from app.http.wire import wire
from app.kit.sealing import Sealer
from app.sessions import keys as signing_keys
from app.sessions import service as sessions
from app.sessions.errors import UnknownKeyError
from app.status.service import Readiness
from app.tokens.signing_key import ALGORITHMS
from app.uow import UnitOfWork

OPENAPI = Path(__file__).resolve().parents[1] / "openapi" / "openapi.json"


def main() -> None:
    """Run one verb; exit 0, 1 for what an operator can mend, 2 for wrong words."""
    arguments = _parser().parse_args(_with_kid_attached(sys.argv[1:]))
    # Without this SIGTERM would end the process before `finally` could leave the embedded server.
    signal.signal(signal.SIGTERM, _leave)
    try:
        sys.exit(arguments.run(arguments))
    except (*bootstrap.OPERATOR_FAULTS, RolesMissing, TableHeld, UnknownKeyError) as fault:
        for line in str(fault).splitlines():
            print(f"memberpulse-auth: {line}", file=sys.stderr)
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)
    except Exception as error:
        remedy = engine.remedy(error)
        if remedy is None:
            raise
        print(f"memberpulse-auth: {remedy}", file=sys.stderr)
        sys.exit(1)


def _with_kid_attached(words: list[str]) -> list[str]:
    """Return `words` with `--kid X` as `--kid=X`: one id in 64 begins with `-`, which argparse takes for an option."""
    if "--kid" not in words[:-1]:
        return words
    at = words.index("--kid")
    return [*words[:at], f"--kid={words[at + 1]}", *words[at + 2 :]]


def _leave(_number: int, _frame: object) -> None:
    sys.exit(0)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="memberpulse-auth", description="MemberPulse Auth Gateway")
    verbs = parser.add_subparsers(required=True, metavar="verb")

    def verb(name: str, run: Callable[[argparse.Namespace], int], text: str) -> argparse.ArgumentParser:
        added = verbs.add_parser(name, help=text, description=text)
        added.set_defaults(run=run)
        return added

    serving = verb("serve", _serve, "serve the API")
    serving.add_argument("--host")
    serving.add_argument("--port", type=int)
    serving.add_argument("--workers", type=int, default=1, help="processes")
    verb("worker", _work, "run background work").add_argument("--concurrency", type=int, default=4, help="jobs at once")
    verb("migrate", _migrate, "bring the database up to date").add_argument("--revision", default="head")
    verb("dev", _dev, "everything on this machine, with a WorkOS twin when WORKOS_API_KEY is absent")
    # No character begins an option here: `--port 4100` and `--help` are the twin's own to read.
    twin = verbs.add_parser("sandbox", help="the WorkOS twin alone", add_help=False, prefix_chars="\0")
    twin.add_argument("words", nargs="*")
    twin.set_defaults(run=_sandbox)
    verb("admin-link", _admin_link, "a one-use link to a platform session").add_argument("--json", action="store_true")
    chores.add_to(verb)
    _key_verbs(verb("keys", _keys, "the keys that sign access tokens"))
    verb("openapi", _openapi, "write openapi/openapi.json").add_argument("--check", action="store_true", help="compare")
    verb("check", _check, "is the configuration good, the database reachable and migrated?")
    return parser


def _key_verbs(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("action", choices=["list", "rotate", "retire", "reseal"])
    parser.add_argument("--kid", help="which key to retire at once, because it is compromised")
    parser.add_argument("--alg", choices=ALGORITHMS, help="of the next key; as the active one when absent")


def _configured(**overrides: object) -> Config:
    config = load(**{name: value for name, value in overrides.items() if value is not None})
    log.set_up(config.log_level)
    return config


def _serve(arguments: argparse.Namespace) -> int:
    from app.main import create_app  # noqa: PLC0415 -- every route, of which a worker would carry the weight (13 MB)

    config = _configured(host=arguments.host, port=arguments.port)
    bootstrap.encryption_keys(config)  # a fault here deserves its line before any process is started
    with database_url(config) as url:
        if arguments.workers == 1:
            app = create_app(config.model_copy(update={"database_url": SecretStr(url)}))
            code = serve(uvicorn_config(app, host=config.host, port=config.port))
            if app.fault:
                print(f"memberpulse-auth: {app.fault}", file=sys.stderr)
            return code
        # What no process could start with is told once, here, and not by each of them.
        asyncio.run(_rehearse(config, url))
        # Each worker process reads the environment anew; the parent's embedded server is theirs.
        os.environ.update(DATABASE_URL=url, HOST=config.host, PORT=str(config.port))  # noqa: TID251 -- passed on, not read
        return serve(
            uvicorn_config(
                "app.main:create_app", factory=True, host=config.host, port=config.port, workers=arguments.workers
            )
        )


async def _rehearse(config: Config, url: str) -> None:
    async with assembled(config, url):
        pass


def _work(arguments: argparse.Namespace) -> int:
    from app.worker import work  # noqa: PLC0415 -- as above, the other way round

    config = _configured()
    with database_url(config) as url:
        uvloop.run(work(config, url, concurrency=max(1, arguments.concurrency)))
    return 0


def _migrate(arguments: argparse.Namespace) -> int:
    from app.db import migrate  # noqa: PLC0415 -- alembic, of which every process would carry the weight (10 MB)

    config, revision = _configured(), arguments.revision
    migrating = config.migration_database_url
    with database_url(config) as url:
        owner, runtime = (migrating.get_secret_value(), url) if migrating else (url, None)
        asyncio.run(migrate.upgrade(owner, runtime_url=runtime, revision=revision))
    print(f"The database is at {revision}.")
    return 0


def _dev(_arguments: argparse.Namespace) -> int:
    return dev.run()


def _sandbox(arguments: argparse.Namespace) -> int:
    return subprocess.call([sys.executable, "-m", "sandbox", *arguments.words])  # noqa: S603 -- the operator's own words


def _admin_link(arguments: argparse.Namespace) -> int:
    config = _configured(log_level="error")

    async def make(url: str) -> tuple[str, str, str]:
        async with assembled(config, url) as assembly, units.beginner(assembly.runtime)(units.PLATFORM) as uow:
            token = await sessions.make_break_glass_token(uow)
            home = assembly.runtime.in_force.now.home
            return home, token, wire(uow.now + timedelta(minutes=sessions.BREAK_GLASS_MINUTES))

    with database_url(config) as database:
        home, token, expires_at = asyncio.run(make(database))
    url = f"{home}/auth/break-glass?token={token}"
    if arguments.json:
        print(json.dumps({"url": url, "token": token, "expires_at": expires_at}))
    else:
        print(f"Open within ten minutes; it works once and is recorded:\n\n  {url}\n")
    return 0


def _keys(arguments: argparse.Namespace) -> int:
    config = _configured(log_level="error")
    if arguments.action == "retire" and not arguments.kid:
        print("memberpulse-auth: name the key with --kid (see `keys list`).", file=sys.stderr)
        return 2

    async def act(url: str) -> list[str]:
        async with assembled(config, url) as assembly, units.beginner(assembly.runtime)(units.PLATFORM) as uow:
            if arguments.action == "reseal":
                changed = await jobs.reseal(assembly.runtime)
                return [f"{count} of {name} sealed anew." for name, count in changed.items()]
            done = await _change_keys(uow, assembly.runtime.sealer, arguments)
            keys = await signing_keys.listing(uow)
            return done + [f"{key.kid}  {key.alg}  {key.status:<11}  {wire(key.created_at)}" for key in keys]

    with database_url(config) as database:
        lines = asyncio.run(act(database))
    print("\n".join(lines))  # after the commit: what is printed has happened
    return 0


async def _change_keys(uow: UnitOfWork, sealer: Sealer, arguments: argparse.Namespace) -> list[str]:
    """Do one action on the signing keys and return the lines that tell of it."""
    match arguments.action:
        case "rotate":
            moves = await signing_keys.rotate(uow, sealer, alg=arguments.alg, at_once=True)
            return [f"{move.step} {move.kid or '(new)'} {move.alg}" for move in moves]
        case "retire":
            if not await signing_keys.retire_at_once(uow, sealer, arguments.kid):
                raise UnknownKeyError("there is no such key (see `keys list`).")
        case _:  # only listed
            pass
    return []


def _openapi(arguments: argparse.Namespace) -> int:
    from app.main import create_app  # noqa: PLC0415 -- as above

    document = create_app(Config(environment="test")).openapi()
    text = json.dumps(document, indent=2, ensure_ascii=False) + "\n"
    if not arguments.check:
        OPENAPI.write_text(text)
    elif not OPENAPI.exists() or OPENAPI.read_text() != text:
        print("openapi/openapi.json is not what is served: run `make openapi`, read the difference.", file=sys.stderr)
        return 1
    return 0


def _check(_arguments: argparse.Namespace) -> int:
    config = _configured(log_level="error")

    async def ask(url: str) -> int:
        async with assembled(config, url) as assembly:
            checks = await Readiness(assembly.runtime.lane, proven=assembly.proven).checks()
        for check in checks:
            print(f"{'ok  ' if check.ok else 'FAIL'} {check.name}{': ' + check.reason if check.reason else ''}")
        return 0 if all(check.ok for check in checks) else 1

    with database_url(config) as database:
        return asyncio.run(ask(database))


if __name__ == "__main__":
    main()
