"""add shipment weight

Revision ID: 0002
Revises: 0001
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.add_column("shipments", sa.Column("weight_kg", sa.Numeric(10, 2)))


def downgrade() -> None:
    op.drop_column("shipments", "weight_kg")
