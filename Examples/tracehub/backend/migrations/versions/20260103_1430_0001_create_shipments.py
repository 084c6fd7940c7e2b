"""create shipments

Revision ID: 0001
Revises:
Create Date: 2026-01-03 14:30:00
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "shipments",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("reference", sa.String(32), nullable=False),
        sa.Column("origin", sa.String(80), nullable=False),
        sa.Column("destination", sa.String(80), nullable=False),
        sa.Column("status", sa.String(16), server_default="planned", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shipments")),
        sa.UniqueConstraint("reference", name=op.f("uq_shipments_reference")),
        sa.CheckConstraint(
            "status IN ('planned', 'in_transit', 'customs', 'delivered')", name=op.f("ck_shipments_status")
        ),
    )
    op.create_index(op.f("ix_shipments_created_at_id"), "shipments", ["created_at", "id"])


def downgrade() -> None:
    op.drop_table("shipments")
