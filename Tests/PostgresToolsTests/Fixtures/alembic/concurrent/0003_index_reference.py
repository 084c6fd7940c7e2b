"""index reference

Revision ID: 0003
Revises: 0002
"""

from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    with op.get_context().autocommit_block():
        op.create_index("ux_reference", "shipments", ["reference"], unique=True, postgresql_concurrently=True)


def downgrade() -> None:
    pass
