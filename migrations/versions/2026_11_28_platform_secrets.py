"""platform_secrets: WorkOS's credentials as the platform has set them, sealed, and the version of the settings."""

import sqlalchemy as sa
from alembic import op

revision = "platform_secrets"
down_revision = "attribute_mappings"
branch_labels = None
depends_on = None

_STATES = "in ('staged','promoted','rolled_back')"


def upgrade() -> None:
    op.execute("set local lock_timeout = '500ms'")
    op.add_column(
        "platform_settings", sa.Column("version", sa.BigInteger(), server_default=sa.text("1"), nullable=False)
    )
    for name in ("client_id", "redirect_uri", "api_key_rotation", "webhook_secret_rotation"):
        op.add_column("platform_settings", sa.Column(name, sa.Text()))
    for name in ("api_key_rotated_at", "webhook_secret_rotated_at"):
        op.add_column("platform_settings", sa.Column(name, sa.DateTime(timezone=True)))
    for name in ("api_key_rotation", "webhook_secret_rotation"):
        op.create_check_constraint(op.f(f"ck_platform_settings_{name}"), "platform_settings", f"{name} {_STATES}")
    op.create_table(
        "platform_secrets",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("settings_id", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("slot", sa.Text(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("last_four", sa.Text(), nullable=False),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("name in ('api_key','webhook_secret')", name=op.f("ck_platform_secrets_name")),
        sa.CheckConstraint("slot in ('current','next')", name=op.f("ck_platform_secrets_slot")),
        sa.ForeignKeyConstraint(
            ["settings_id"],
            ["platform_settings.id"],
            name=op.f("fk_platform_secrets_settings_id_platform_settings"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_platform_secrets")),
        sa.UniqueConstraint("name", "slot", name=op.f("uq_platform_secrets_name_slot")),
    )
    op.execute("alter table platform_secrets enable row level security")
    op.execute("alter table platform_secrets force row level security")
    op.execute("create policy owner on platform_secrets to gw_owner using (true) with check (true)")
    op.execute("create policy settings on platform_secrets to gw_app using (true) with check (true)")
    # The worker asks WorkOS but judges no delivery: what would forge one is not shown to it.
    op.execute("create policy worker on platform_secrets for select to gw_worker using (name = 'api_key')")
    op.execute("grant select, insert, update, delete on platform_secrets to gw_app")
    op.execute("grant select on platform_secrets to gw_worker")


def downgrade() -> None:
    op.execute("set local lock_timeout = '500ms'")
    op.drop_table("platform_secrets")
    for name in ("api_key_rotation", "webhook_secret_rotation"):
        op.drop_constraint(op.f(f"ck_platform_settings_{name}"), "platform_settings")
    for name in (
        "webhook_secret_rotated_at", "api_key_rotated_at", "webhook_secret_rotation", "api_key_rotation",
        "redirect_uri", "client_id", "version",
    ):  # fmt: skip
        op.drop_column("platform_settings", name)
