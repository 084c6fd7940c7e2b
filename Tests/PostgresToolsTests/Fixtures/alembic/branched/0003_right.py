"""right

Revision ID: 0003b
Revises: 0002
"""

from alembic import op

revision = "0003b"
down_revision = "0002"


def upgrade() -> None:
    op.execute("CREATE TABLE on_the_right ()")


def downgrade() -> None:
    pass
