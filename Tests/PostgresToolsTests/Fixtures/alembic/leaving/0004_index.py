"""index the weight

Revision ID: 0004
Revises: 0003
"""

from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.create_index("ix_shipments_weight", "shipments", ["weight_kg"])


def downgrade() -> None:
    op.drop_index("ix_shipments_weight_kg", "shipments")
