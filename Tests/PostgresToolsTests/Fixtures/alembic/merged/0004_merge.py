"""merge both

Revision ID: 0004
Revises: 0003a, 0003b
"""

revision = "0004"
down_revision = ("0003a", "0003b")


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
