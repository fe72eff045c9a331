"""alerts acknowledged: who has looked at an alert, and when."""

import sqlalchemy as sa
from alembic import op

revision = "alerts_acknowledged"
down_revision = "settled_by_id"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("set local lock_timeout = '500ms'")
    op.add_column("alerts", sa.Column("acknowledged_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("alerts", sa.Column("acknowledged_by", sa.Uuid(), nullable=True))


def downgrade() -> None:
    op.execute("set local lock_timeout = '500ms'")
    op.drop_column("alerts", "acknowledged_by")
    op.drop_column("alerts", "acknowledged_at")
