"""audit order: the record of every tenant by time, for platform admins."""

from alembic import op

revision = "audit_order"
down_revision = "page"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("set local lock_timeout = '500ms'")
    op.create_index("ix_audit_events_occurred_at_id", "audit_events", ["occurred_at", "id"])


def downgrade() -> None:
    op.execute("set local lock_timeout = '500ms'")
    op.drop_index("ix_audit_events_occurred_at_id", table_name="audit_events")
