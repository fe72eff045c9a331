"""certificates: when WorkOS was last asked for a connection's certificates, and of which ends it was warned."""

import sqlalchemy as sa
from alembic import op

revision = "certificates"
down_revision = "connection_tests"
branch_labels = None
depends_on = None

FUNCTIONS = {
    # SAML connections of which WorkOS has not been asked since `before`, marked as asked now: each is taken once.
    "certificates_take(at timestamptz, before timestamptz, most bigint)": """
        returns table (organization_id uuid, connection_id uuid, workos_id text) language plpgsql volatile as $$
        #variable_conflict use_column
        begin
            return query
            update connections c set certificate_checked_at = at
            where c.id in (
                select d.id from connections d join organizations o on o.id = d.organization_id and o.state = 'active'
                where d.protocol = 'saml' and d.state in ('active', 'validating')
                  and (d.certificate_checked_at is null or d.certificate_checked_at <= before)
                order by d.certificate_checked_at nulls first, d.id limit most for no key update of d skip locked
            )
            returning c.organization_id, c.id, c.workos_id;
        end $$""",
    # Active connections whose certificate ends within so many days, the nearest of `within`, and whose people were not
    # told so yet. Each answer is written down by a unit of the tenant's own.
    "certificates_due(at timestamptz, within integer[])": """
        returns table (organization_id uuid, connection_id uuid, workos_id text, expires_at timestamptz, days integer)
        language plpgsql stable as $$
        #variable_conflict use_column
        begin
            return query
            select c.organization_id, c.id, c.workos_id, c.certificate_expires_at, t.days
            from connections c join organizations o on o.id = c.organization_id and o.state = 'active'
            cross join lateral (
                select min(d) as days from unnest(within) as d
                where c.certificate_expires_at <= at + make_interval(days => d)
            ) as t
            where c.state = 'active' and t.days is not null
              and not exists (
                  select 1 from certificate_warnings w
                  where w.organization_id = c.organization_id and w.connection_id = c.id
                    and w.expires_at = c.certificate_expires_at and w.days <= t.days)
            order by c.certificate_expires_at, c.id limit 500;
        end $$""",
}


def upgrade() -> None:
    op.execute("set local lock_timeout = '500ms'")
    op.add_column("connections", sa.Column("certificate_checked_at", sa.DateTime(timezone=True), nullable=True))
    op.create_table(
        "certificate_warnings",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("connection_id", sa.Uuid(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("days", sa.BigInteger(), nullable=False),
        sa.Column("warned_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organizations.id"],
            name=op.f("fk_certificate_warnings_organization_id_organizations"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "connection_id"],
            ["connections.organization_id", "connections.id"],
            name=op.f("fk_certificate_warnings_organization_id_connection_id_connections"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint(
            "organization_id", "connection_id", "expires_at", "days", name=op.f("pk_certificate_warnings")
        ),
    )
    op.execute("alter table certificate_warnings enable row level security")
    op.execute("alter table certificate_warnings force row level security")
    op.execute(
        "create policy tenant on certificate_warnings to gw_app, gw_worker"
        " using (organization_id = (select app_org())) with check (organization_id = (select app_org()))"
    )
    op.execute("create policy owner on certificate_warnings to gw_owner using (true) with check (true)")
    op.execute("create policy platform on certificate_warnings for select to gw_platform using (true)")
    op.execute("grant select on certificate_warnings to gw_platform")
    op.execute("grant select, insert, update, delete on certificate_warnings to gw_app, gw_worker")
    for signature, body in FUNCTIONS.items():
        _create(signature, body)


def _create(signature: str, body: str) -> None:
    secured = body.replace(" as $$", " security definer set search_path = pg_catalog, public, pg_temp as $$", 1)
    op.execute(f"create function {signature} {secured}")
    name, _, arguments = signature.removesuffix(")").partition("(")
    types = ", ".join(argument.split(" ", 1)[1] for argument in arguments.split(", "))
    op.execute(f"revoke all on function {name}({types}) from public")
    op.execute(f"grant execute on function {name}({types}) to gw_worker")


def downgrade() -> None:
    op.execute("set local lock_timeout = '500ms'")
    op.execute("drop function certificates_due(timestamptz, integer[])")
    op.execute("drop function certificates_take(timestamptz, timestamptz, bigint)")
    op.drop_table("certificate_warnings")
    op.drop_column("connections", "certificate_checked_at")
