"""Why somebody has a role: what is told is what was derived, over mixed rules, and each way to a role has its words."""

from datetime import UTC, datetime
from random import Random  # noqa: TID251 -- the same mixture at every run
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from app.access.roles import CLIENT_ADMIN, CLIENT_USER, MEMBER, PLATFORM_ADMIN
from app.db.engine import DriverConnection, connect_arguments
from app.directories import evidence, mappings, settling
from app.directories import service as directories
from app.directories.mappings import Wanted
from app.directories.rules_repository import GroupRules
from app.people.explanation import Told, explain, winner
from tests.builders import Tenant
from tests.deliveries import Inbox
from tests.directory_events import Home, a_directory
from tests.gateway import Browser, Stage

NAMES = ["Admins", "Staff", "Members", "Canteen", "Night shift"]
ROLES = [CLIENT_ADMIN, CLIENT_USER, MEMBER]
BORN = datetime(2026, 1, 1, tzinfo=UTC)
DIRECTORY = """
insert into directories (id, organization_id, workos_id, type, name, state, last_synced_at, created_at, updated_at)
values ($1::uuid, $2, $1::text, 'okta scim v2.0', 'D', $3, $4, $5, $5)
"""
GROUP = """
insert into directory_groups (id, organization_id, directory_id, workos_id, name, state, at, touched_at, created_at,
                              updated_at)
values ($1::uuid, $2, $3, $1::text, $4, $5, $6, $6, $6, $6)
"""
PERSON = """
insert into directory_users (id, organization_id, directory_id, workos_id, idp_id, email, email_lower, state, at,
                             touched_at, created_at, updated_at)
values ($1::uuid, $2, $3, $1::text, $4, $4, $4, $5, $6, $6, $6, $6)
"""
MEMBERSHIP = """
insert into directory_memberships (organization_id, group_id, directory_user_id, member, at, touched_at)
values ($1, $2, $3, $4, $5, $5)
"""


class Mixture:
    """A tenant's directories, groups and people, as chance has them."""

    def __init__(self, tenant: Tenant, seed: int, connection: DriverConnection) -> None:
        self.tenant, self.connection, self.chance = tenant, connection, Random(seed)
        self.homes: list[UUID] = []
        self.groups: list[tuple[UUID, UUID, str]] = []
        self.people: dict[UUID, UUID] = {}

    async def sql(self, statement: str, *values: object) -> None:
        await self.connection.execute(statement, *values)

    def id(self) -> UUID:
        """Return an id older than all that the gateway makes: other tests ask for the newest."""
        return UUID(int=self.chance.getrandbits(96))

    async def made(self) -> None:
        """Make two or three directories, most of which decide, with groups, people and memberships."""
        org, pick = self.tenant.id, self.chance
        for _ in range(pick.randint(2, 3)):
            home, state = self.id(), pick.choice(["linked"] * 5 + ["unlinked"])
            synced = BORN if pick.random() < 0.9 else None
            await self.sql(DIRECTORY, home, org, state, synced, BORN)
            self.homes.append(home)
            for _ in range(pick.randint(2, 5)):
                group, name = self.id(), pick.choice(NAMES)
                await self.sql(GROUP, group, org, home, name, pick.choice(["active"] * 5 + ["deleted"]), BORN)
                self.groups.append((group, home, name))
        for number in range(20):
            for home in pick.sample(self.homes, pick.randint(1, len(self.homes))):
                entry = self.id()
                email = f"p{number}@{self.tenant.domain}"
                await self.sql(PERSON, entry, org, home, email, "active", BORN)
                self.people[entry] = home
                for group, of, _ in self.groups:
                    if of == home and pick.random() < 0.5:
                        await self.sql(MEMBERSHIP, org, group, entry, pick.random() < 0.9, BORN)

    def rules(self) -> list[Wanted]:
        """Return up to twelve rules: by id or name, some for one directory only, none twice."""
        pick, found = self.chance, dict[tuple[object, ...], Wanted]()
        active = [group for group, _, _ in self.groups]
        for _ in range(pick.randint(2, 12)):
            role = pick.choice(ROLES)
            if pick.random() < 0.4:
                group = str(pick.choice(active))
                found[group,] = Wanted(role, group_name=None, group=group, directory=None)
            else:
                name, home = pick.choice(NAMES), pick.choice([None, None, *map(str, self.homes)])
                found[name, home] = Wanted(role, group_name=name, group=None, directory=home)
        return list(found.values())

    async def settled(self) -> None:
        """Let the rules count, people follow, some of them be removed, and groups be renamed; and settle."""
        pick, platform = self.chance, None
        async with self.tenant.stage.unit(self.tenant.id) as uow:
            await GroupRules(uow).name([group for group, _, _ in self.groups])
        gone = {group for group, _, _ in self.groups} - {
            row["id"] for row in await self.tenant.stage.sql("select id from directory_groups where state = 'active'")
        }
        for group, _, _ in self.groups:
            if pick.random() < 0.2:
                await self.sql("update directory_groups set name = $2 where id = $1", group, pick.choice(NAMES))
        async with self.tenant.stage.unit(self.tenant.id) as uow:
            await directories.lock_mirror(uow)
            for home in self.homes:  # one after the other, as they come: only so is somebody known to two of them
                await settling.settle(uow, [one for one, of in self.people.items() if of == home], removed=False)
            wanted = [rule for rule in self.rules() if rule.group is None or UUID(rule.group) not in gone]
            await mappings.replace(uow, wanted, own=[PLATFORM_ADMIN], platform=platform, versions=None)
            await settling.settle(uow, list(self.people), removed=False)
        states = ["active"] * 9 + ["inactive", "deleted", "unmanaged"]
        for entry in self.people:
            await self.sql("update directory_users set state = $2 where id = $1", entry, pick.choice(states))
        async with self.tenant.stage.unit(self.tenant.id) as uow:
            await directories.lock_mirror(uow)
            await settling.settle(uow, list(self.people), removed=True)


@pytest.mark.parametrize("seed", range(12))
async def test_what_is_told_is_what_was_derived(seed: int, tenant: Tenant, stage: Stage) -> None:
    connection: DriverConnection = await asyncpg.connect(**connect_arguments(stage.database))
    try:
        mixture = Mixture(tenant, seed, connection)
        await tenant.policy(default_role=mixture.chance.choice([MEMBER, CLIENT_USER]))
        await mixture.made()
        await mixture.settled()
    finally:
        await connection.close()
    users = await stage.sql("select id, mapped_role from users where organization_id = $1", tenant.id)
    assert len(users) == 20
    async with stage.unit(tenant.id) as uow:
        for user in users:
            found = await evidence.read(uow, user["id"], platform=None)
            assert found is not None
            told = explain(found, Told(None, {}), user=user["id"], platform=None)
            won, decided = winner(found), any(entry.decides for entry in found.entries)
            assert told["mapped"]["role"] == user["mapped_role"]
            wins = [line for line in told["considered"] if line["outcome"] == "won"]
            if won is not None:
                assert (
                    found.in_force.rules[won.position - 1].role == user["mapped_role"] == told["mapped"]["rule"]["role"]
                )
                assert [line["rule"]["position"] for line in wins] == [won.position]
            else:
                assert wins == []
                if decided:
                    assert user["mapped_role"] == found.in_force.default_role
            for line in told["considered"]:
                assert (line["rule"] is None) == (line["outcome"] == "no_rule")
                if line["outcome"] == "lost" and won is not None:
                    decides = {str(entry.id) for entry in found.entries if entry.decides}
                    later = line["rule"]["position"] >= won.position
                    assert later or str(line["directory_user_id"]) not in decides
            assert told["mapped"]["source"] == _expected(told, decided=decided)


def _expected(told: dict[str, Any], *, decided: bool) -> str:
    states = {line["state"] for line in told["directories"]}
    if decided:
        return "directory_rule" if told["mapped"]["rule"] else "directory_default"
    return "default" if {"active", "unmanaged"} & states else "removed"


async def told_of(browser: Browser, person: object) -> dict[str, Any]:
    """Return the explanation that the API gives."""
    answer = await browser.api("GET", f"/api/users/{person}/roles/explain")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def bob_of(home: Home) -> UUID:
    found: UUID = (await home.somebody("bob"))["id"]
    return found


async def test_a_sign_ins_groups_decided(tenant: Tenant) -> None:
    await tenant.signed_in("sam")
    ada = await tenant.signed_in()
    told = await told_of(ada, await tenant.user_id("sam"))
    mapped = told["mapped"]
    assert (told["roles"], mapped["role"], mapped["source"]) == ([CLIENT_USER], CLIENT_USER, "sign_in")
    assert mapped["reason"] == "No directory decides, so the groups of the last sign-in did: rule 2."
    assert mapped["connection"]["workos_id"] == tenant.connection_workos_id
    assert mapped["last_login_at"] is not None
    assert (told["considered"], told["directories"], told["manual"]) == ([], [], [])


async def test_a_directorys_rule_decided_and_what_lost(inbox: Inbox, tenant: Tenant) -> None:
    ada = await tenant.signed_in()
    home = await a_directory(inbox, tenant)
    groups = ("MemberPulse Staff", "MemberPulse Members", "Canteen")
    await inbox.applied(home.user("bob", 1), *(home.group(name, 1) for name in groups))
    await inbox.applied(*(home.joined("bob", name, 2) for name in groups))
    impostor = home.group("MemberPulse Admins", 3, "updated", key="Canteen")
    await inbox.applied(home.group("MemberPulse Admins", 1), impostor)
    told = await told_of(ada, await bob_of(home))
    assert told["mapped"]["source"] == "directory_rule"
    assert told["mapped"]["rule"] == {
        "position": 2,
        "role": CLIENT_USER,
        "matched_by": "group_name",
        "group_id": None,
        "group_name": "MemberPulse Staff",
        "directory_id": None,
    }
    assert told["mapped"]["group"]["workos_id"] == home.group_id("MemberPulse Staff")
    assert told["mapped"]["directory"]["workos_id"] == home.id
    assert [(line["outcome"], line["group"]["name"], line["reason"]) for line in told["considered"]] == [
        ("won", "MemberPulse Staff", "The first rule that matches wins."),
        ("lost", "MemberPulse Members", "Rule 2 comes before it, and the first rule that matches wins."),
        (
            "no_rule",
            "MemberPulse Admins",
            "Rule 1 is for another group, which had this name first.",
        ),
    ]
    assert [line["decides"] for line in told["directories"]] == [True]


async def test_a_directory_decided_without_a_rule(inbox: Inbox, tenant: Tenant) -> None:
    ada = await tenant.signed_in()
    home = await a_directory(inbox, tenant)
    await inbox.applied(home.user("bob", 1), home.group("Canteen", 1), home.joined("bob", "Canteen", 2))
    told = await told_of(ada, await bob_of(home))
    assert (told["mapped"]["source"], told["mapped"]["role"]) == ("directory_default", MEMBER)
    assert [(line["outcome"], line["reason"]) for line in told["considered"]] == [
        ("no_rule", "No rule names this group.")
    ]


async def test_whom_no_directory_knows_keeps_a_role(inbox: Inbox, tenant: Tenant) -> None:
    await tenant.signed_in("sam")
    ada = await tenant.signed_in()
    await a_directory(inbox, tenant)
    assert (await told_of(ada, await tenant.user_id("sam")))["mapped"]["source"] == "kept"


async def test_a_directory_that_was_not_read_whole_decides_nothing(inbox: Inbox, tenant: Tenant) -> None:
    ada = await tenant.signed_in()
    home = await a_directory(inbox, tenant, synced=False)
    name = "MemberPulse Staff"
    await inbox.applied(home.user("bob", 1), home.group(name, 1), home.joined("bob", name, 2))
    told = await told_of(ada, await bob_of(home))
    assert (told["mapped"]["source"], told["mapped"]["role"]) == ("default", MEMBER)
    (line,) = told["considered"]
    assert (line["outcome"], line["rule"]["position"]) == ("lost", 2)
    assert line["reason"] == "This directory has not been read completely yet, and decides nothing until then."


async def test_who_is_removed_has_no_role(inbox: Inbox, tenant: Tenant) -> None:
    ada = await tenant.signed_in()
    home = await a_directory(inbox, tenant)
    await inbox.applied(home.user("bob", 1), home.user("bob", 2, "updated", state="inactive"))
    told = await told_of(ada, await bob_of(home))
    assert (told["state"], told["roles"], told["mapped"]["source"]) == ("inactive", [], "removed")
    assert told["mapped"]["in_force"] is False
    assert told["directories"][0]["reason"] == "This directory does not let the person in: there they are inactive."


async def test_who_gave_a_manual_role_last(tenant: Tenant, stage: Stage) -> None:
    await tenant.signed_in("sam")
    ada, sam = await tenant.signed_in(), await tenant.user_id("sam")
    path = f"/api/users/{sam}/roles"
    await ada.api("PUT", path, json={"roles": [MEMBER, CLIENT_ADMIN]})
    stage.clock.advance(seconds=60)
    await ada.api("PUT", path, json={"roles": [CLIENT_ADMIN]})
    again = stage.clock.now()
    await (await stage.platform_admin()).api("PUT", path, json={"roles": [MEMBER, CLIENT_ADMIN]})
    told = (await told_of(ada, sam))["manual"]
    assert [line["role"] for line in told] == [CLIENT_ADMIN, MEMBER]
    assert told[0]["given_by"] == {"type": "user", "id": str(await tenant.user_id())}
    assert told[1]["given_by"]["id"] == "00000000-0000-0000-0000-000000000001"
    moment = again.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    assert told[0]["given_at"] < told[1]["given_at"] == moment
