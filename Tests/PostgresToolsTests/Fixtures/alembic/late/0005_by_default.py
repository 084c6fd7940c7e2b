"""late by default

Revision ID: 0005
Revises: 0004
"""

from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.execute("ALTER TABLE shipments ADD COLUMN mood mood DEFAULT 'late'")


def downgrade() -> None:
    op.execute("ALTER TABLE shipments DROP COLUMN mood")
