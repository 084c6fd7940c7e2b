"""left

Revision ID: 0003a
Revises: 0002
"""

from alembic import op

revision = "0003a"
down_revision = "0002"


def upgrade() -> None:
    op.execute("CREATE TABLE on_the_left ()")


def downgrade() -> None:
    pass
