"""H3: flaws that can be seen in the text of a program are looked for, and each rule finds its flaw."""

import json
from pathlib import Path

import pytest

from checks import static_rules
from checks.tools import ROOT, run

FLAWS = {
    "jose-elsewhere": (
        "import jose",
        "from jose import jwt",
        "from jose.jwt import decode",
        "import jose.jwt\nclaims = jose.jwt.decode(token, key)",
        "def late():\n    from jose import jws",
    ),
    "jose-jwe": ("from jose import jwe", "import jose.jwe", "from jose.jwe import decrypt"),
    "workos-own-client": (
        "client = AsyncWorkOSClient(api_key=key)",
        "client = workos.AsyncWorkOSClient(api_key=key, client_id=client_id)",
    ),
    "select-star": (
        "db.execute('select * from users')",
        "db.execute('select distinct u.* from users u')",
        "db.execute(f'select * from {TABLE}')",
        "db.execute('insert into users (id) values ($1) returning *')",
    ),
    "set-config-session": (
        "db.execute(\"select set_config('app.org_id', $1, false)\")",
        "db.execute(\"select set_config('app.org_id', coalesce($1, ''), FALSE)\")",
        "db.execute(select(func.set_config('app.org_id', tenant, False)))",
    ),
    "assembled-sql": (
        "db.execute(f\"select id from users where email = '{email}'\")",
        "db.execute(\"select id from users where email = '%s'\" % email)",
        "db.execute(\"delete from users where email = '{}'\".format(email))",
        "db.execute('update users set email = ' + email)",
        "db.execute('insert into users (email) values (' + email + ')')",
        "db.execute(f'set role {role}')",
        "db.execute(f'set local app.org_id = {tenant}')",
        "db.execute(f'''\n    with gone as (select id from {table}) select id from gone''')",
        "db.execute(f'with gone as materialized (select id from {table}) select id from gone')",
    ),
}
SOUND = (
    '"""Selects * from nothing: a docstring."""',
    "client = AsyncWorkOSClient(api_key=key, http_client=ours)",
    "db.execute('select count(*) from users where id = $1', user)",
    "db.execute(\"select set_config('app.org_id', $1, true)\", tenant)",
    "db.execute(select(func.set_config('app.org_id', tenant, True)))",
    "title = f'Select your {thing}'",
    "note = f'update {count} rows'",
    "page = '<p>{}</p>'.format(name)",
    "import joserfc",
)


@pytest.mark.parametrize(("rule", "flaw"), [(rule, flaw) for rule, flaws in FLAWS.items() for flaw in flaws])
def test_h3_rule_finds_its_flaw(rule: str, flaw: str) -> None:
    found = static_rules.findings("app/users/service.py", flaw)
    assert rule in [finding.rule for finding in found]
    assert str(found[0]).startswith("app/users/service.py:")


def test_h3_every_rule_has_a_flaw_that_it_finds() -> None:
    assert {rule.name for rule in static_rules.RULES} == set(FLAWS)


@pytest.mark.parametrize("sound", SOUND)
def test_h3_sound_code_is_left_alone(sound: str) -> None:
    assert static_rules.findings("app/users/service.py", sound) == []


def test_h3_verifier_alone_may_import_jose_and_even_it_not_jwe() -> None:
    assert static_rules.findings(static_rules.JOSE_HOME, "from jose import jwk, jwt") == []
    assert [one.rule for one in static_rules.findings(static_rules.JOSE_HOME, "from jose import jwe")] == ["jose-jwe"]


def test_h3_migrations_may_paste_constants_but_not_select_everything() -> None:
    assert static_rules.findings("migrations/versions/x.py", "op.execute(f'drop table {TABLE}')") == []
    found = static_rules.findings("migrations/versions/x.py", "op.execute(f'select * from {TABLE}')")
    assert [one.rule for one in found] == ["select-star"]


def test_h3_exemption_counts_its_places_and_gives_its_reason() -> None:
    found = static_rules.findings("app/db/x.py", "db.execute(f'set role {a}')\ndb.execute(f'set role {b}')")
    granted: dict[str, dict[str, static_rules.Exemption]] = {
        "assembled-sql": {"app/db/x.py": {"places": 2, "reason": "takes no parameters"}}
    }
    assert static_rules.judged(found, granted) == []
    assert static_rules.judged(found[:1], granted) == ["app/db/x.py: assembled-sql: 2 places are exempt, there are 1"]
    granted["assembled-sql"]["app/db/x.py"]["reason"] = ""
    assert static_rules.judged(found, granted) == ["app/db/x.py: assembled-sql: the exemption gives no reason"]


def test_h3_repository_breaks_no_rule() -> None:
    assert static_rules.main([]) == 0


def _high(*paths: str) -> list[dict[str, object]]:
    done = run(
        "bandit", "--quiet", "--format=json", "--configfile=pyproject.toml", "--severity-level=high", "-r", *paths
    )
    return json.loads(done.stdout)["results"]


def test_h3_bandit_finds_nothing_high() -> None:
    assert _high("app", "sandbox", "migrations", "checks") == []


def test_h3_bandit_would_find_something_high(tmp_path: Path) -> None:
    (tmp_path / "flawed.py").write_text("import subprocess\nsubprocess.run(input(), shell=True)\n")
    assert [one["test_id"] for one in _high(str(tmp_path))] == ["B602"]
    assert ROOT not in tmp_path.parents
