"""revocations: which marks void tokens elsewhere, and their places in the feed that other services read."""

import sqlalchemy as sa
from alembic import op

revision = "revocations"
down_revision = "platform_secrets"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("set local lock_timeout = '500ms'")
    op.add_column("stale_sessions", sa.Column("voids", sa.Boolean(), server_default=sa.text("false"), nullable=False))
    op.add_column("stale_sessions", sa.Column("position", sa.BigInteger(), nullable=True))
    op.add_column("stale_sessions", sa.Column("numbered_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index(
        "uq_stale_sessions_position",
        "stale_sessions",
        ["position"],
        unique=True,
        postgresql_where=sa.text("position is not null"),
    )
    op.create_index(
        "ix_stale_sessions_unnumbered",
        "stale_sessions",
        ["seq"],
        postgresql_where=sa.text("voids and position is null"),
    )
    op.create_table(
        "revocation_feeds",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("last", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_revocation_feeds_one_row")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_revocation_feeds")),
    )
    op.execute("insert into revocation_feeds (id, last) values (1, 0)")
    # Only who mints tokens gives places: the instant that goes with one must not be before the last token it voids.
    op.execute("grant update (position, numbered_at) on stale_sessions to gw_app")
    op.execute("grant select, update (last) on revocation_feeds to gw_app")


def downgrade() -> None:
    op.execute("set local lock_timeout = '500ms'")
    op.execute("revoke update (position, numbered_at) on stale_sessions from gw_app")
    op.drop_table("revocation_feeds")
    op.drop_index(
        "ix_stale_sessions_unnumbered",
        table_name="stale_sessions",
        postgresql_where=sa.text("voids and position is null"),
    )
    op.drop_index(
        "uq_stale_sessions_position", table_name="stale_sessions", postgresql_where=sa.text("position is not null")
    )
    op.drop_column("stale_sessions", "numbered_at")
    op.drop_column("stale_sessions", "position")
    op.drop_column("stale_sessions", "voids")
