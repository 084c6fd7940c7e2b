"""add the state

Revision ID: 0003
Revises: 0002
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    state = sa.Enum("packed", "sent", name="state")
    state.create(op.get_bind())
    op.add_column("shipments", sa.Column("state", state))


def downgrade() -> None:
    op.drop_column("shipments", "state")
