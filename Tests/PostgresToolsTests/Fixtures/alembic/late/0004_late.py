"""let them be late

Revision ID: 0004
Revises: 0003
"""

from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.execute("ALTER TYPE mood ADD VALUE 'late'")


def downgrade() -> None:
    op.execute("SELECT 1")
