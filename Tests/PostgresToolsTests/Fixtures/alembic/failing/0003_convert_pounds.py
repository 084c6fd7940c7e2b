"""convert pounds

Revision ID: 0003
Revises: 0002
"""

from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.execute("CREATE TABLE half_done (id int)")
    op.execute("UPDATE shipments SET weight_kg = weight_lb * 0.45359237 WHERE weight_kg IS NULL")


def downgrade() -> None:
    pass
