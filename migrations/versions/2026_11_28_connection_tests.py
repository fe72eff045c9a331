"""connection tests: sign-ins that make nothing, what each showed, and the last one of each connection."""

import sqlalchemy as sa
from alembic import op

revision = "connection_tests"
down_revision = "audit_readers"
branch_labels = None
depends_on = None

PURGE = """
create or replace function purge_login_traces(before timestamptz)
returns void language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp as $$
begin
    delete from login_traces t where t.ctid in (select p.ctid from login_traces p where p.at < before limit 20000);{more}
end $$
"""
PURGE_TESTS = """
    delete from connection_tests t
    where t.ctid in (select p.ctid from connection_tests p where p.created_at < before limit 20000);"""
# What tells of people who are erased, in the unit's own tenant. Who was never let in is known by the trace of the
# address alone, which is what erasing leaves of it (threats.md E12).
FORGET = """
create or replace function login_traces_forget(people uuid[])
returns void language plpgsql volatile set search_path = pg_catalog, public, pg_temp as $$
begin
    delete from login_traces t using users u
    where t.organization_id = (select app_org()) and t.user_id = any (people)
      and u.organization_id = t.organization_id and u.id = t.user_id and u.state <> 'active';
    delete from login_traces t
    where t.organization_id = (select app_org()) and t.user_id is null and t.address = any (array(
        select u.email_lower from users u
        where u.organization_id = (select app_org()) and u.id = any (people) and u.email_lower like 'erased:%'));{more}
end $$
"""
# That there was a test is kept, and how it ended; what it showed of the person is not.
FORGET_TESTS = """
    update connection_tests t set result = default, user_id = null, address = null
    from users u
    where t.organization_id = (select app_org()) and u.organization_id = t.organization_id and u.id = any (people)
      and u.state <> 'active' and (t.user_id = u.id or t.address = u.email_lower);"""


def upgrade() -> None:
    op.execute("set local lock_timeout = '500ms'")
    op.create_table(
        "connection_tests",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("connection_id", sa.Uuid(), nullable=False),
        sa.Column("started_by", sa.Uuid(), nullable=False),
        sa.Column("status", sa.Text(), server_default=sa.text("'waiting'"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("user_id", sa.Uuid(), nullable=True),
        sa.Column("address", sa.Text(), nullable=True),
        sa.Column("result", sa.Text(), server_default=sa.text("'{}'"), nullable=False),
        sa.CheckConstraint(
            "status in ('waiting','running','passed','failed')", name=op.f("ck_connection_tests_status")
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_connection_tests_organization_id_organizations")
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "connection_id"],
            ["connections.organization_id", "connections.id"],
            name=op.f("fk_connection_tests_organization_id_connection_id_connections"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "user_id"],
            ["users.organization_id", "users.id"],
            name=op.f("fk_connection_tests_organization_id_user_id_users"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_connection_tests")),
    )
    op.create_index(op.f("ix_connection_tests_created_at"), "connection_tests", ["created_at"])
    op.execute("alter table connection_tests enable row level security")
    op.execute("alter table connection_tests force row level security")
    op.execute(
        "create policy tenant on connection_tests to gw_app, gw_worker"
        " using (organization_id = (select app_org())) with check (organization_id = (select app_org()))"
    )
    op.execute("create policy owner on connection_tests to gw_owner using (true) with check (true)")
    op.execute("create policy platform on connection_tests for select to gw_platform using (true)")
    op.execute("grant select on connection_tests to gw_platform")
    op.execute("grant select, insert, update, delete on connection_tests to gw_app, gw_worker")
    for column, kind in (
        ("last_test_id", sa.Uuid()),
        ("last_test_at", sa.DateTime(timezone=True)),
        ("last_test_status", sa.Text()),
    ):
        op.add_column("connections", sa.Column(column, kind, nullable=True))
    _kinds("'login','confirm','test'")
    op.execute(PURGE.format(more=PURGE_TESTS))
    op.execute(FORGET.format(more=FORGET_TESTS))


def downgrade() -> None:
    op.execute("set local lock_timeout = '500ms'")
    op.execute(FORGET.format(more=""))
    op.execute(PURGE.format(more=""))
    op.execute("delete from login_flows where kind = 'test'")
    _kinds("'login','confirm'")
    for column in ("last_test_status", "last_test_at", "last_test_id"):
        op.drop_column("connections", column)
    op.drop_table("connection_tests")


def _kinds(kinds: str) -> None:
    op.execute("alter table login_flows drop constraint ck_login_flows_kind")
    op.execute(f"alter table login_flows add constraint ck_login_flows_kind check (kind in ({kinds}))")
