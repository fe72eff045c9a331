"""Shown: the ready JSON of people, made when nothing else is to be done; a list makes what it needs before."""

from bench.workload import Connection

_MAKE = """
update directory_users t set shown = directory_user_shown(t)
 where t.id in (select id from directory_users where shown is null order by id limit 2000 for update skip locked)
"""


async def make_shown(connection: Connection) -> None:
    """Make some more of it."""
    await connection.execute(_MAKE)
