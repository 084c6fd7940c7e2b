"""unreadable

Revision ID: 0003
Revises: 0002
"""

import a_module_that_is_not_installed  # noqa: F401

revision = "0003"
down_revision = "0002"
