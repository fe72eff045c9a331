"""E14: what a directory writes is cut to its limit and shown as text, and is no formula in a spreadsheet."""

import csv
import io
import re
from typing import Any

import pytest

from tests.builders import Tenant
from tests.deliveries import Inbox
from tests.directory_events import a_directory

HOSTILE = {
    "script": "<script>alert(1)</script>",
    "turned": "\u202egnp.exe",
    "formula": '=cmd|"/c calc"!A1',
    "long": "x" * 50_000,
    "quote": "\"}],'; drop table users --",
}
LIMIT = 256


async def test_e14_hostile_names_are_only_text(inbox: Inbox, tenant: Tenant) -> None:
    ada = await tenant.signed_in()
    home = await a_directory(inbox, tenant, synced=False)
    for name, hostile in HOSTILE.items():
        odd: dict[str, Any] = {"first_name": hostile, "last_name": hostile}
        odd["custom_attributes"] = {"job_title": hostile, hostile[:LIMIT]: 1}
        assert await inbox.applied(home.user(name, 1, **odd)) == ["done"], name
    answer = await ada.api("GET", f"/api/directories/{home.id}/users")
    assert answer.headers["content-type"].startswith("application/json")
    assert answer.headers["x-content-type-options"] == "nosniff"
    shown = {person["workos_id"]: person for person in answer.json()["data"]}
    for name, hostile in HOSTILE.items():
        person = shown[home.user_id(name)]
        assert (person["first_name"], person["last_name"]) == (hostile[:LIMIT], hostile[:LIMIT])
        assert person["job_title"] == hostile[:LIMIT]
    assert shown[home.user_id("long")]["custom_attributes"] == {}, "more than is kept is none: half would be no JSON"
    assert shown[home.user_id("script")]["custom_attributes"][HOSTILE["script"]] == 1


@pytest.mark.parametrize("begins", ["=", "+", "-", "@", "\t=", "\r=", "\n="])
async def test_e14_no_cell_of_an_export_is_a_formula(begins: str, tenant: Tenant) -> None:
    formula = begins + 'cmd|"/c calc"!A1, "x"'
    ada = await tenant.signed_in()
    await tenant.stage.sql("update connections set name = $2 where id = $1", tenant.connection_id, formula)
    await tenant.stage.sql(
        "update users set email = null, first_name = $2, last_name = null where id = $1",
        await tenant.user_id(),
        formula,
    )
    typed = formula.strip() if begins[0] not in "\r\n" else "=x"
    await ada.api("GET", "/api/audit/events/export", headers={"User-Agent": typed})
    said = (await ada.api("GET", "/api/audit/events/export")).text
    found = list(csv.reader(io.StringIO(said, newline="")))
    assert not [cell for row in found for cell in row if cell.startswith(("=", "+", "-", "@", "\t", "\r", "\n"))]
    cells = {cell for row in found for cell in row}
    assert {"".join(f"'{one}" for one in begins) + formula.removeprefix(begins), f"'{typed}"} <= cells
    assert {len(row) for row in found} == {13}


@pytest.mark.parametrize("cell", ["curl;=1+1", "curl; @A1", "x\t-1+1", "a;b;+1;-1", "\uff1d1+1"])
async def test_e14_no_cell_is_a_formula_where_semicolons_or_tabs_part_cells(cell: str, tenant: Tenant) -> None:
    ada = await tenant.signed_in()
    await tenant.stage.sql(
        "update users set email = null, first_name = $2, last_name = null where id = $1", await tenant.user_id(), cell
    )
    said = (await ada.api("GET", "/api/audit/events/export")).text
    parts = [part for line in said.splitlines() for part in re.split("[;\t,]", line)]
    assert any(part.endswith("1") for part in parts), "the name is shown"
    assert not [part for part in parts if part.strip('" ').startswith(("=", "+", "-", "@", "\uff1d"))]
