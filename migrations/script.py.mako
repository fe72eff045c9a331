"""${message}"""

import sqlalchemy as sa
from alembic import op
${imports if imports else ""}

revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}
branch_labels = None
depends_on = None


def upgrade() -> None:
    # A migration that waits behind one open reader blocks every later one, and they take up the pool that all others
    # wait for: fail cleanly and soon, and retry instead.
    op.execute("set local lock_timeout = '500ms'")
    ${upgrades if upgrades else "pass"}


def downgrade() -> None:
    op.execute("set local lock_timeout = '500ms'")
    ${downgrades if downgrades else "pass"}
