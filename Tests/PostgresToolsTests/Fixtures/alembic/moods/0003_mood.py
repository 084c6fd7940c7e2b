"""give them a mood

Revision ID: 0003
Revises: 0002
"""

from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.execute("CREATE TYPE mood AS ENUM ('fine')")


def downgrade() -> None:
    op.execute("DROP TYPE mood")
