"""The verb behind every sign-in, over real rows: who it is, what is refreshed, and who may not enter."""

import asyncio
import json
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from app.access.roles import CLIENT_ADMIN, CLIENT_USER, MEMBER, PLATFORM_ADMIN
from app.kit.ids import SystemIds
from app.users import service as users
from app.users.errors import IdentityConflict, UserDeactivated, UserNotProvisioned
from app.users.person import Person
from app.users.service import SignedIn
from tests.builders import Tenant

CONNECTION = (
    "insert into connections (id, organization_id, workos_id, type, protocol, name, state, domains, created_at,"
    " updated_at)"
    " select $1::uuid, $2, 'conn_' || $1::uuid, 'GoogleSAML', 'saml', 'Second', 'active', '{}', now(), now()"
)
ROW = """
select email, email_lower, first_name, last_name, department, job_title, state, mapped_role, manual_roles,
       rights_version, created_at, updated_at, xmin::text as written_by
from users where organization_id = $1 and id = $2
"""


def ada(tenant: Tenant, **changes: Any) -> Person:  # noqa: ANN401 -- any field of Person
    """Return Ada as her identity provider describes her, with changes."""
    described = Person(
        idp_id="00u-ada",
        profile_id="prof_1",
        email=f"Ada@{tenant.domain}",
        first_name="Ada",
        last_name="Lovelace",
        department="Research",
        job_title="Analyst",
    )
    return replace(described, **changes)


async def enter(tenant: Tenant, person: Person, **changes: Any) -> SignedIn:  # noqa: ANN401 -- any argument of sign_in
    """Sign in, in a unit of its own."""
    arguments: dict[str, Any] = {
        "connection": tenant.connection_id,
        "role": MEMBER,
        "default_role": MEMBER,
        "is_platform": False,
        "may_link_by_email": True,
        "may_create": True,
        **changes,
    }
    async with tenant.stage.unit(tenant.id) as uow:
        return await users.sign_in(uow, person, **arguments)


async def row_of(tenant: Tenant, user: UUID) -> dict[str, Any]:
    """Return what is kept of a person."""
    (row,) = await tenant.stage.sql(ROW, tenant.id, user)
    return dict(row)


async def identities(tenant: Tenant, user: UUID | None = None) -> list[tuple[UUID, UUID, str, str]]:
    """Return who is known to which connection under which id; of one person when given."""
    rows = await tenant.stage.sql(
        "select user_id, connection_id, idp_id, profile_id from identities where organization_id = $1 order by id",
        tenant.id,
    )
    return [tuple(row) for row in rows if user in (None, row["user_id"])]


async def people(tenant: Tenant) -> int:
    rows = await tenant.stage.sql("select count(*) as n from users where organization_id = $1", tenant.id)
    return int(rows[0]["n"])


async def second_connection(tenant: Tenant) -> UUID:
    """Return another identity provider of the same company."""
    made = SystemIds().uuid()
    await tenant.stage.sql(CONNECTION, made, tenant.id)
    return made


async def change(tenant: Tenant, user: UUID, column: str, value: object) -> None:
    """Set a column of a person, as an administrator or a directory would."""
    await tenant.stage.sql(f"update users set {column} = $2 where id = $1", user, value)  # noqa: S608 -- a test's own constant


async def test_somebody_new_is_created_as_described(tenant: Tenant) -> None:
    signed_in = await enter(tenant, ada(tenant), role=CLIENT_USER)
    assert signed_in == SignedIn(signed_in.user_id, (CLIENT_USER,), created=True, rights_changed=False)
    row = await row_of(tenant, signed_in.user_id)
    del row["written_by"]
    assert row["created_at"] == row.pop("updated_at")
    assert row.pop("created_at") <= tenant.stage.clock.now()
    assert row == {
        "email": f"Ada@{tenant.domain}",
        "email_lower": f"ada@{tenant.domain}",
        "first_name": "Ada",
        "last_name": "Lovelace",
        "department": "Research",
        "job_title": "Analyst",
        "state": "active",
        "mapped_role": CLIENT_USER,
        "manual_roles": [],
        "rights_version": 1,
    }
    assert await identities(tenant) == [(signed_in.user_id, tenant.connection_id, "00u-ada", "prof_1")]


async def test_where_a_directory_decides_a_newcomer_gets_the_default_role(tenant: Tenant) -> None:
    signed_in = await enter(tenant, ada(tenant), role=None, default_role=CLIENT_USER)
    assert signed_in.roles == (CLIENT_USER,)
    again = await enter(tenant, ada(tenant), role=None, default_role=MEMBER)
    assert (again.roles, again.rights_changed) == ((CLIENT_USER,), False), "and keeps what the directory gave"


async def test_the_second_sign_in_is_the_same_person_and_writes_nothing_new(tenant: Tenant) -> None:
    first = await enter(tenant, ada(tenant))
    before = await row_of(tenant, first.user_id)
    seen = "select last_login_at from identities where user_id = $1"
    ((earlier,),) = await tenant.stage.sql(seen, first.user_id)
    second = await enter(tenant, ada(tenant))
    assert second == SignedIn(first.user_id, (MEMBER,), created=False, rights_changed=False)
    assert await row_of(tenant, first.user_id) == before, "a thousand people sign in every morning"
    ((later,),) = await tenant.stage.sql(seen, first.user_id)
    assert later > earlier


@pytest.mark.parametrize(
    "changes",
    [
        {"first_name": "Augusta"},
        {"last_name": "King"},
        {"department": None},
        {"department": "Computing", "job_title": "Countess"},
        {"job_title": None},
    ],
    ids=str,
)
async def test_what_the_provider_says_anew_replaces_what_it_said(changes: dict[str, Any], tenant: Tenant) -> None:
    user = (await enter(tenant, ada(tenant))).user_id
    before = await row_of(tenant, user)
    assert (await enter(tenant, ada(tenant, **changes))).rights_changed is False
    after = await row_of(tenant, user)
    assert after.pop("updated_at") > before.pop("updated_at")
    assert after.pop("written_by") != before.pop("written_by")
    assert after == before | changes


async def test_a_new_address_follows_the_person(tenant: Tenant) -> None:
    user = (await enter(tenant, ada(tenant))).user_id
    assert (await enter(tenant, ada(tenant, email=f"A.King@{tenant.domain}"))).user_id == user
    row = await row_of(tenant, user)
    assert (row["email"], row["email_lower"]) == (f"A.King@{tenant.domain}", f"a.king@{tenant.domain}")


async def test_a_new_profile_of_the_same_identity_is_remembered(tenant: Tenant) -> None:
    user = (await enter(tenant, ada(tenant))).user_id
    await enter(tenant, ada(tenant, profile_id="prof_2"))
    assert await identities(tenant) == [(user, tenant.connection_id, "00u-ada", "prof_2")]


async def test_a_role_is_replaced_and_never_accumulated(tenant: Tenant) -> None:
    user = (await enter(tenant, ada(tenant), role=CLIENT_ADMIN)).user_id
    versions: list[int] = []
    for role, changed in ((MEMBER, True), (MEMBER, False), (CLIENT_USER, True), (CLIENT_ADMIN, True), (None, False)):
        signed_in = await enter(tenant, ada(tenant), role=role)
        roles, lowered = (role or CLIENT_ADMIN,), (role, changed) == (MEMBER, True)
        assert signed_in == SignedIn(user, roles, created=False, rights_changed=changed, lowered=lowered)
        versions.append((await row_of(tenant, user))["rights_version"])
    assert versions == [2, 2, 3, 4, 4]


async def test_a_changed_role_is_recorded(tenant: Tenant) -> None:
    user = (await enter(tenant, ada(tenant))).user_id
    for role in (MEMBER, CLIENT_ADMIN, CLIENT_ADMIN):
        await enter(tenant, ada(tenant), role=role)
    rows = await tenant.stage.sql(
        "select targets, metadata from audit_events where organization_id = $1 and action = 'user.role_changed'",
        tenant.id,
    )
    assert [json.loads(row["metadata"]) for row in rows] == [{"role": CLIENT_ADMIN, "before": MEMBER}]
    assert [json.loads(row["targets"]) for row in rows] == [[{"type": "user", "id": str(user)}]]


@pytest.mark.parametrize(("is_platform", "kept"), [(True, PLATFORM_ADMIN), (False, CLIENT_USER)])
async def test_an_operators_role_is_kept_only_in_the_platforms_organization(
    is_platform: bool,  # noqa: FBT001 -- pytest passes it
    kept: str,
    tenant: Tenant,
) -> None:
    """PLATFORM_ORGANIZATION was another one once: who got the role then must not go on with it."""
    user = (await enter(tenant, ada(tenant))).user_id
    await change(tenant, user, "mapped_role", PLATFORM_ADMIN)
    signed_in = await enter(tenant, ada(tenant), role=None, default_role=CLIENT_USER, is_platform=is_platform)
    assert signed_in.roles == (kept,)
    assert (await row_of(tenant, user))["mapped_role"] == kept


async def test_other_news_do_not_touch_the_version_of_rights(tenant: Tenant) -> None:
    user = (await enter(tenant, ada(tenant))).user_id
    await enter(tenant, ada(tenant, first_name="Augusta", email=f"new@{tenant.domain}"))
    assert (await row_of(tenant, user))["rights_version"] == 1


@pytest.mark.parametrize(
    ("manual", "role", "roles"),
    [
        ([CLIENT_ADMIN], MEMBER, (MEMBER, CLIENT_ADMIN)),
        ([CLIENT_USER, CLIENT_ADMIN], MEMBER, (MEMBER, CLIENT_USER, CLIENT_ADMIN)),
        ([CLIENT_USER], CLIENT_USER, (CLIENT_USER,)),
        ([CLIENT_USER], None, (MEMBER, CLIENT_USER)),
    ],
)
async def test_roles_given_by_hand_are_added_and_kept(
    manual: list[str], role: str | None, roles: tuple[str, ...], tenant: Tenant
) -> None:
    user = (await enter(tenant, ada(tenant))).user_id
    await change(tenant, user, "manual_roles", manual)
    assert (await enter(tenant, ada(tenant, first_name="Augusta"), role=role)).roles == roles
    assert (await row_of(tenant, user))["manual_roles"] == manual


async def test_where_nobody_may_be_created_only_the_known_enter(tenant: Tenant) -> None:
    with pytest.raises(UserNotProvisioned):
        await enter(tenant, ada(tenant), may_create=False)
    assert (await people(tenant), await identities(tenant)) == (0, [])
    known = await enter(tenant, ada(tenant))
    assert (await enter(tenant, ada(tenant), may_create=False)).user_id == known.user_id
    by_address = await enter(tenant, ada(tenant, idp_id="moved"), may_create=False)
    assert by_address.user_id == known.user_id


@pytest.mark.parametrize(
    ("idp_id", "links"), [("00u-ada", True), ("00u-ada", False), ("another", True), ("another", False)]
)
async def test_who_was_deactivated_is_not_brought_back(idp_id: str, links: bool, tenant: Tenant) -> None:  # noqa: FBT001 -- pytest passes it
    """Neither by what they are known under nor as somebody new with the same address."""
    user = (await enter(tenant, ada(tenant))).user_id
    await change(tenant, user, "state", "deactivated")
    before = await row_of(tenant, user), await identities(tenant)
    returning = ada(tenant, first_name="Augusta", idp_id=idp_id, email=f"ADA@{tenant.domain}")
    with pytest.raises(UserDeactivated):
        await enter(tenant, returning, role=CLIENT_ADMIN, may_link_by_email=links)
    assert (await row_of(tenant, user), await identities(tenant)) == before
    assert await people(tenant) == 1


async def test_the_one_person_of_an_address_is_known_at_another_provider_too(tenant: Tenant) -> None:
    user = (await enter(tenant, ada(tenant))).user_id
    second = await second_connection(tenant)
    moved = await enter(tenant, ada(tenant, idp_id="g-7", email=f"ADA@{tenant.domain}"), connection=second)
    assert moved == SignedIn(user, (MEMBER,), created=False, rights_changed=False)
    assert [found[1:3] for found in await identities(tenant, user)] == [
        (tenant.connection_id, "00u-ada"),
        (second, "g-7"),
    ]


async def test_but_not_where_the_domain_proves_nothing(tenant: Tenant) -> None:
    first = await enter(tenant, ada(tenant), may_link_by_email=False)
    second = await second_connection(tenant)
    other = await enter(tenant, ada(tenant, idp_id="g-7"), connection=second, may_link_by_email=False)
    assert other.created
    assert other.user_id != first.user_id
    assert (await enter(tenant, ada(tenant), may_link_by_email=False)).user_id == first.user_id


async def test_the_same_id_at_another_provider_is_somebody_else(tenant: Tenant) -> None:
    user = (await enter(tenant, ada(tenant))).user_id
    second = await second_connection(tenant)
    assert (await enter(tenant, ada(tenant, email=f"other@{tenant.domain}"), connection=second)).user_id != user


async def test_of_several_people_with_one_address_nobody_is_chosen(tenant: Tenant) -> None:
    first = await enter(tenant, ada(tenant), may_link_by_email=False)
    second = await enter(tenant, ada(tenant, idp_id="00u-twin"), may_link_by_email=False)
    assert first.user_id != second.user_id
    before = await identities(tenant)
    for may_create in (True, False):
        with pytest.raises(IdentityConflict):
            await enter(tenant, ada(tenant, idp_id="00u-third"), may_create=may_create)
    assert (await people(tenant), await identities(tenant)) == (2, before)
    for idp_id, known in (("00u-ada", first), ("00u-twin", second)):
        assert (await enter(tenant, ada(tenant, idp_id=idp_id))).user_id == known.user_id, "an identity is no guess"


async def test_an_identity_counts_before_an_address(tenant: Tenant) -> None:
    user = (await enter(tenant, ada(tenant))).user_id
    other = (await enter(tenant, ada(tenant, idp_id="00u-sam", email=f"sam@{tenant.domain}"))).user_id
    assert (await enter(tenant, ada(tenant, email=f"sam@{tenant.domain}"))).user_id == user
    assert (await enter(tenant, ada(tenant, idp_id="00u-sam", email=f"sam@{tenant.domain}"))).user_id == other


async def test_first_sign_ins_that_arrive_together_are_one_person(tenant: Tenant) -> None:
    entered = await asyncio.gather(*(enter(tenant, ada(tenant)) for _ in range(8)))
    assert len({found.user_id for found in entered}) == 1
    assert sum(found.created for found in entered) == 1
    assert await people(tenant) == 1
    assert await identities(tenant) == [(entered[0].user_id, tenant.connection_id, "00u-ada", "prof_1")]


async def test_through_two_providers_too(tenant: Tenant) -> None:
    second = await second_connection(tenant)
    entered = await asyncio.gather(
        *(enter(tenant, ada(tenant)) for _ in range(4)),
        *(enter(tenant, ada(tenant, idp_id="g-7"), connection=second) for _ in range(4)),
    )
    assert len({found.user_id for found in entered}) == 1
    assert await people(tenant) == 1
    assert len(await identities(tenant)) == 2


async def test_even_when_their_addresses_differ_just_then(tenant: Tenant) -> None:
    """She is renamed while she signs in on two devices: the lock on an address cannot help, the identity does."""
    addresses = [f"ada.{number}@{tenant.domain}" for number in range(6)]
    entered = await asyncio.gather(*(enter(tenant, ada(tenant, email=email)) for email in addresses))
    assert len({found.user_id for found in entered}) == 1
    assert await people(tenant) == 1
    assert (await row_of(tenant, entered[0].user_id))["email"] in addresses
