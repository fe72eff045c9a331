"""service clients: ours to make, with several secrets each while one takes another's place."""

import sqlalchemy as sa
from alembic import op

revision = "service_clients"
down_revision = "audit_order"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("set local lock_timeout = '500ms'")
    # Nothing has written this table yet: clients came from the environment alone.
    op.execute("alter table service_clients alter column id type uuid using id::uuid")
    op.add_column("service_clients", sa.Column("name", sa.Text(), nullable=True))
    op.execute("update service_clients set name = id::text")
    op.alter_column("service_clients", "name", nullable=False)
    op.create_table(
        "service_client_secrets",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("secret_hash", sa.LargeBinary(), nullable=False),
        sa.Column("last_four", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["client_id"], ["service_clients.id"], name=op.f("fk_service_client_secrets_client_id_service_clients")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_service_client_secrets")),
    )
    op.create_index(op.f("ix_service_client_secrets_client_id"), "service_client_secrets", ["client_id"])
    op.execute(
        "insert into service_client_secrets (id, client_id, secret_hash, last_four, created_at)"
        " select gen_random_uuid(), id, secret_hash, '', created_at from service_clients"
    )
    op.drop_column("service_clients", "secret_hash")
    op.execute("grant select, insert, update on service_client_secrets to gw_app")
    # Whoever reads the record sees what a service is called; of secrets, not even the hashes.
    op.execute("grant select (id, name) on service_clients to gw_platform")


def downgrade() -> None:
    op.execute("set local lock_timeout = '500ms'")
    op.execute("revoke select (id, name) on service_clients from gw_platform")
    op.add_column("service_clients", sa.Column("secret_hash", sa.LargeBinary(), nullable=True))
    # Of several secrets the newest: the table below knows one per client.
    op.execute(
        "update service_clients c set secret_hash = (select s.secret_hash from service_client_secrets s"
        " where s.client_id = c.id order by s.created_at desc, s.id desc limit 1)"
    )
    op.alter_column("service_clients", "secret_hash", nullable=False)
    op.drop_table("service_client_secrets")
    op.drop_column("service_clients", "name")
    op.execute("alter table service_clients alter column id type text using id::text")
