"""read_page over real rows: forwards and backwards, in both orders, every row once and no page too many."""

from collections.abc import Sequence
from typing import Literal
from uuid import UUID

import pytest
from sqlalchemy import select

from app.connections.models import Connection
from app.db.repository import PageRequest, Slice, read_page
from app.kit.ids import SystemIds
from tests.builders import Tenant, a_tenant
from tests.gateway import Stage

Order = Literal["asc", "desc"]
COUNT = 7
INSERT = (
    "insert into connections (id, organization_id, workos_id, type, protocol, name, state, domains, created_at,"
    " updated_at) select id, $2, 'conn_' || id, 'OktaSAML', 'saml', 'n', 'active', '{}', now(), now()"
    " from unnest($1::uuid[]) as made (id)"
)


class Rows:
    """Seven connections of `tenant`, made one after another; `ids` are oldest first."""

    def __init__(self, tenant: Tenant) -> None:
        self.tenant = tenant
        self._make = SystemIds()
        self.ids: list[UUID] = []

    async def add(self, count: int = 1) -> None:
        """Add so many."""
        made = [self._make.uuid() for _ in range(count)]
        await self.tenant.stage.sql(INSERT, made, self.tenant.id)
        self.ids += made

    async def remove(self, identifier: UUID) -> None:
        """Remove one."""
        await self.tenant.stage.sql("delete from connections where id = $1", identifier)
        self.ids.remove(identifier)

    async def page(
        self, limit: int, order: Order = "desc", *, after: UUID | None = None, before: UUID | None = None
    ) -> tuple[list[UUID], bool, bool]:
        """Return the ids of a page, and whether there is another before and after it."""
        found: Slice[Connection]
        async with self.tenant.stage.unit(self.tenant.id) as uow:
            wanted = select(Connection).where(Connection.id != self.tenant.connection_id)
            found = await read_page(uow.db, wanted, Connection.id, PageRequest(limit, after, before, order))
        return [row.id for row in found.rows], found.has_before, found.has_after

    def in_order(self, order: Order) -> list[UUID]:
        return self.ids if order == "asc" else self.ids[::-1]


@pytest.fixture
async def rows(stage: Stage) -> Rows:
    found = Rows(await a_tenant(stage))
    await found.add(COUNT)
    return found


def cut(ids: Sequence[UUID], limit: int) -> list[list[UUID]]:
    return [list(ids[start : start + limit]) for start in range(0, len(ids), limit)]


async def test_the_newest_come_first_where_nobody_says_otherwise(rows: Rows) -> None:
    async with rows.tenant.stage.unit(rows.tenant.id) as uow:
        found = await read_page(uow.db, select(Connection), Connection.id, PageRequest())
    assert [row.id for row in found.rows][:COUNT] == rows.in_order("desc")


@pytest.mark.parametrize("order", ["asc", "desc"])
@pytest.mark.parametrize("limit", range(1, COUNT + 2))
async def test_forwards_every_row_once_and_no_page_too_many(limit: int, order: Order, rows: Rows) -> None:
    pages: list[list[UUID]] = []
    after: UUID | None = None
    has_after = True
    while has_after and len(pages) <= COUNT:
        ids, has_before, has_after = await rows.page(limit, order, after=after)
        assert has_before is bool(pages)
        pages.append(ids)
        after = ids[-1]
    assert pages == cut(rows.in_order(order), limit)


@pytest.mark.parametrize("order", ["asc", "desc"])
@pytest.mark.parametrize("limit", range(1, COUNT + 1))
async def test_backwards_the_same_rows_in_the_same_order(limit: int, order: Order, rows: Rows) -> None:
    expected = rows.in_order(order)
    seen: list[UUID] = []
    before, has_before = expected[-1], True
    while has_before and len(seen) <= COUNT:
        ids, has_before, has_after = await rows.page(limit, order, before=before)
        assert has_after
        seen = ids + seen
        before = ids[0]
    assert seen == expected[:-1]


async def test_beyond_the_ends_there_is_nothing(rows: Rows) -> None:
    assert await rows.page(3, after=rows.ids[0]) == ([], True, False)
    assert await rows.page(3, before=rows.ids[-1]) == ([], False, True)
    assert await rows.page(3, "asc", after=rows.ids[-1]) == ([], True, False)


async def test_the_neighbours_of_one_row_meet(rows: Rows) -> None:
    middle = rows.ids[3]
    assert await rows.page(9, "asc", before=middle) == (rows.ids[:3], False, True)
    assert await rows.page(9, "asc", after=middle) == (rows.ids[4:], True, False)


async def test_a_cursor_outlives_its_row(rows: Rows) -> None:
    (_, last), _, _ = await rows.page(2)
    await rows.remove(last)
    assert (await rows.page(2, after=last))[0] == rows.in_order("desc")[1:3]


async def test_rows_that_come_while_somebody_walks_are_not_shown_twice(rows: Rows) -> None:
    walked: list[UUID] = []
    after: UUID | None = None
    there, has_after = rows.in_order("desc"), True
    while has_after and len(walked) <= COUNT:
        ids, _, has_after = await rows.page(2, after=after)
        walked += ids
        await rows.add()
        after = ids[-1]
    assert walked == there


async def test_the_filter_stays_under_the_page(rows: Rows, stage: Stage) -> None:
    kept = rows.ids[::2]
    await stage.sql("update connections set type = 'Kept' where id = any ($1)", kept)
    async with stage.unit(rows.tenant.id) as uow:
        wanted = select(Connection).where(Connection.type == "Kept")
        found = await read_page(uow.db, wanted, Connection.id, PageRequest(3, None, None, "asc"))
        rest = await read_page(uow.db, wanted, Connection.id, PageRequest(3, found.rows[-1].id, None, "asc"))
    assert [row.id for row in (*found.rows, *rest.rows)] == kept
    assert (found.has_after, rest.has_after) == (True, False)
