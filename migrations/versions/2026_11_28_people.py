"""people: an address in every tenant, and how somebody's manual roles were given, without reading all rows."""

import sqlalchemy as sa
from alembic import op

revision = "people"
down_revision = "late_news"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("set local lock_timeout = '500ms'")
    op.create_index(op.f("ix_users_email_lower"), "users", ["email_lower"])
    op.drop_index(op.f("ix_users_organization_id_email_lower"), table_name="users")
    op.create_index(
        "ix_audit_events_manual_roles",
        "audit_events",
        ["organization_id", "occurred_at"],
        postgresql_where=sa.text("action = 'user.manual_roles_changed'"),
    )


def downgrade() -> None:
    op.execute("set local lock_timeout = '500ms'")
    op.drop_index("ix_audit_events_manual_roles", table_name="audit_events")
    op.create_index(op.f("ix_users_organization_id_email_lower"), "users", ["organization_id", "email_lower"])
    op.drop_index(op.f("ix_users_email_lower"), table_name="users")
