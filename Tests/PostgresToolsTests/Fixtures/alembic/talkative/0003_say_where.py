# SPDX-License-Identifier: Apache-2.0
"""say where"""

import os

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    print("connected to", os.environ["DATABASE_URL"])


def downgrade() -> None:
    pass
