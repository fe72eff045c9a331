"""listed: up to when a directory's listing has told everything; when those were gone who are gone already."""

import sqlalchemy as sa
from alembic import op

revision = "listed"
down_revision = "completeness"
branch_labels = None
depends_on = None

# The version of who is gone was the instant of their leaving.
KNOWN = """
update directory_users set gone_at = at
where gone_at is null and (state = 'unmanaged' or (state = 'deleted' and hard))
"""


def upgrade() -> None:
    op.execute("set local lock_timeout = '500ms'")
    op.add_column("directories", sa.Column("listed_at", sa.DateTime(timezone=True), nullable=True))
    op.execute(KNOWN)


def downgrade() -> None:
    op.execute("set local lock_timeout = '500ms'")
    op.drop_column("directories", "listed_at")
