"""sso policy: its version for If-Match, and a default connection that is the tenant's own."""

import sqlalchemy as sa
from alembic import op

revision = "sso_policy"
down_revision = "audit_chain"
branch_labels = None
depends_on = None

DEFAULT_CONNECTION = "fk_organization_policies_default_connection"


def upgrade() -> None:
    op.execute("set local lock_timeout = '500ms'")
    op.add_column(
        "organization_policies", sa.Column("version", sa.BigInteger(), server_default=sa.text("1"), nullable=False)
    )
    op.create_foreign_key(
        DEFAULT_CONNECTION,
        "organization_policies",
        "connections",
        ["organization_id", "default_connection_id"],
        ["organization_id", "id"],
    )


def downgrade() -> None:
    op.execute("set local lock_timeout = '500ms'")
    op.drop_constraint(DEFAULT_CONNECTION, "organization_policies", type_="foreignkey")
    op.drop_column("organization_policies", "version")
