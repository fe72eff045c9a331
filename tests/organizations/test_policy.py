"""Policy: how long a session may live, whom a sign-in may create, what an address's domain is, what a slug is."""

import re
from datetime import timedelta
from uuid import UUID

import pytest

from app.access.roles import CLIENT_ADMIN, CLIENT_USER, MEMBER, PLATFORM_ADMIN
from app.organizations.policy import Jit, Policy, domain_of, normalise_domain
from app.organizations.service import slug_of

HOUR = 3_600
IDENTIFIER = UUID("01900000-0000-7000-8000-000000abcdef")


def a_policy(*, jit: Jit = "without_directory", absolute_seconds: int = 24 * HOUR) -> Policy:
    return Policy(
        jit_provisioning=jit,
        default_role=MEMBER,
        allow_foreign_domains=False,
        session_idle_seconds=8 * HOUR,
        session_absolute_seconds=absolute_seconds,
    )


@pytest.mark.parametrize(
    ("absolute_hours", "roles", "hours"),
    [
        (24, (MEMBER,), 24),
        (24, (CLIENT_USER,), 24),
        (24, (), 24),
        (168, (MEMBER, CLIENT_USER), 168),
        (24, (CLIENT_ADMIN,), 12),
        (24, (PLATFORM_ADMIN,), 12),
        (168, (MEMBER, CLIENT_ADMIN), 12),
        (12, (CLIENT_ADMIN,), 12),
        (1, (CLIENT_ADMIN,), 1),
        (1, (MEMBER,), 1),
    ],
)
def test_admins_stay_twelve_hours_at_most(absolute_hours: int, roles: tuple[str, ...], hours: int) -> None:
    assert a_policy(absolute_seconds=absolute_hours * HOUR).lifetime(roles) == timedelta(hours=hours)


@pytest.mark.parametrize(
    ("jit", "directory_decides", "creates"),
    [
        ("never", False, False),
        ("never", True, False),
        ("without_directory", False, True),
        ("without_directory", True, False),
        ("always", False, True),
        ("always", True, True),
    ],
)
def test_whom_nobody_knows_may_be_created(jit: Jit, directory_decides: bool, creates: bool) -> None:  # noqa: FBT001 -- pytest passes it
    assert a_policy(jit=jit).provisions(directory_decides=directory_decides) is creates


LONGEST_LABEL = "a" * 63
DOMAINS = [
    ("acme.example", "acme.example"),
    ("Acme.EXAMPLE", "acme.example"),
    ("acme.example.", "acme.example"),
    ("  acme.example\n", "acme.example"),
    ("a-b.c1.example", "a-b.c1.example"),
    ("localhost", "localhost"),
    ("b\u00fccher.example", "xn--bcher-kva.example"),
    ("B\u00dcCHER.example", "xn--bcher-kva.example"),
    ("bu\u0308cher.example", "xn--bcher-kva.example"),
    ("XN--BCHER-KVA.example", "xn--bcher-kva.example"),
    ("xn--bcher-kva.example.", "xn--bcher-kva.example"),
    ("\u4f8b\u3048.\u30c6\u30b9\u30c8", "xn--r8jz45g.xn--zckzah"),
    ("\uff41cme.example", "acme.example"),
    ("acme\u3002example", "acme.example"),
    (f"{LONGEST_LABEL}.example", f"{LONGEST_LABEL}.example"),
]
NO_DOMAINS = [
    "",
    " ",
    ".",
    "..",
    ".acme.example",
    "acme..example",
    "-",
    "acme.-.example",
    "acme example",
    "acme.example/path",
    "acme.example:443",
    "user@acme.example",
    "acme_corp.example",
    "*.acme.example",
    "[192.0.2.1]",
    "acme\x00.example",
    "acme.example\u202e",
    "\u00fc" * 64 + ".example",
    f"{LONGEST_LABEL}a.example",
    ".".join([LONGEST_LABEL] * 4),
]


@pytest.mark.parametrize(("written", "name"), DOMAINS, ids=ascii)
def test_a_domain_has_one_spelling(written: str, name: str) -> None:
    assert normalise_domain(written) == name
    assert normalise_domain(name) == name


@pytest.mark.parametrize("written", NO_DOMAINS, ids=ascii)
def test_what_is_no_domain_is_none(written: str) -> None:
    assert normalise_domain(written) is None


@pytest.mark.parametrize(
    ("email", "domain"),
    [
        ("ada@acme.example", "acme.example"),
        (" Ada@Acme.Example. ", "acme.example"),
        ("ada@b\u00fccher.example", "xn--bcher-kva.example"),
        ("a@b@acme.example", "acme.example"),
        ('"a@b"@acme.example', "acme.example"),
        ("\u00e4da@acme.example", "acme.example"),
        ("", None),
        ("ada", None),
        ("@acme.example", None),
        ("ada@", None),
        ("@", None),
        ("ada@acme..example", None),
        ("ada@acme.example@", None),
        ("acme.example", None),
    ],
    ids=ascii,
)
def test_the_domain_of_an_address_is_what_follows_its_last_at(email: str, domain: str | None) -> None:
    assert domain_of(email) == domain


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("Acme Corp", "acme-corp-abcdef"),
        ("  ACME,  Corp. & Sons!  ", "acme-corp-sons-abcdef"),
        ("Soci\u00e9t\u00e9 G\u00e9n\u00e9rale", "societe-generale-abcdef"),
        ("3M", "3m-abcdef"),
        ("\u682a\u5f0f\u4f1a\u793e", "organization-abcdef"),
        ("---", "organization-abcdef"),
        ("", "organization-abcdef"),
        ("a" * 200, "a" * 40 + "-abcdef"),
        ("../../etc?x=1#y", "etc-x-1-y-abcdef"),
    ],
    ids=ascii,
)
def test_a_slug_reads_like_the_name(name: str, slug: str) -> None:
    assert slug_of(name, IDENTIFIER) == slug
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", slug)


def test_two_tenants_of_one_name_have_two_slugs() -> None:
    assert slug_of("Acme", IDENTIFIER) != slug_of("Acme", UUID(int=IDENTIFIER.int + 1))
