"""attribute mappings: which attributes feed which fields, per tenant; a sign-in's callback reads it with its flow."""

import sqlalchemy as sa
from alembic import op

revision = "attribute_mappings"
down_revision = "service_clients"
branch_labels = None
depends_on = None

# Consume flows: of all who ever ask for one, exactly one sees taken = true, and a foreign cookie consumes nothing.
TAKE = """
create function login_flows_take(states bytea[], cookies bytea[], flow_kinds text[], at timestamptz)
returns table (
    asker bigint, taken boolean, ours boolean, expired boolean, organization_id uuid,
    organization_workos_id text, organization_state text, connection_id uuid, connection_workos_id text,
    connection_state text, verifier bytea, return_to text{declared}
) language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp as $$
#variable_conflict use_column
declare won bytea[];
begin
    with asked as (
        select distinct a.state, a.cookie, a.kind from unnest(states, cookies, flow_kinds) as a (state, cookie, kind)
    ), locked as (
        -- In one order everywhere: two batches that hold the same flows must not wait for each other.
        select f.state_hash from login_flows f join asked a
          on f.state_hash = a.state and f.cookie_hash = a.cookie and f.kind = a.kind
        where f.used_at is null and f.expires_at > at order by f.state_hash for update of f
    ), consumed as (
        update login_flows f set used_at = at from locked l
        where f.state_hash = l.state_hash and f.used_at is null returning f.state_hash
    )
    select coalesce(array_agg(c.state_hash), '{{}}') into won from consumed c;
    return query
    select a.ord,
           f.state_hash = any (won) and f.cookie_hash = a.cookie
             and a.ord = min(a.ord) over (partition by a.state, a.cookie),
           f.cookie_hash = a.cookie, f.expires_at <= at, f.organization_id, o.workos_id, o.state,
           f.connection_id, c.workos_id, c.state, f.verifier, f.return_to{selected}
    from unnest(states, cookies, flow_kinds) with ordinality as a (state, cookie, kind, ord)
    join login_flows f on f.state_hash = a.state and f.kind = a.kind
    join organizations o on o.id = f.organization_id{joined}
    left join connections c on c.organization_id = f.organization_id and c.id = f.connection_id;
end $$
"""
JOINED = "\n    join organization_policies p on p.organization_id = f.organization_id"
CALLEE = "login_flows_take(bytea[], bytea[], text[], timestamptz)"


def upgrade() -> None:
    op.execute("set local lock_timeout = '500ms'")
    op.add_column("organization_policies", sa.Column("attribute_mappings", sa.Text(), nullable=True))
    op.add_column("organization_policies", sa.Column("attribute_mappings_version", sa.BigInteger(), nullable=True))
    _take(declared=", mapping text", selected=", p.attribute_mappings", joined=JOINED)


def downgrade() -> None:
    op.execute("set local lock_timeout = '500ms'")
    _take(declared="", selected="", joined="")
    op.drop_column("organization_policies", "attribute_mappings_version")
    op.drop_column("organization_policies", "attribute_mappings")


def _take(*, declared: str, selected: str, joined: str) -> None:
    # Made anew, because it returns more; who reads the columns of before by their names reads them still.
    op.execute(f"drop function {CALLEE}")
    op.execute(TAKE.format(declared=declared, selected=selected, joined=joined))
    op.execute(f"revoke all on function {CALLEE} from public")
    op.execute(f"grant execute on function {CALLEE} to gw_app")
