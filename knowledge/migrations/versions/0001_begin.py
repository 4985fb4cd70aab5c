"""Persons, requests for a desk, outbox."""

import sqlalchemy as sa
from alembic import op

revision, down_revision, branch_labels, depends_on = "0001", None, None, None


def upgrade() -> None:
    op.create_table(
        "person", sa.Column("id", sa.String(), primary_key=True), sa.Column("sender_id", sa.String(64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False))
    op.create_index("ix_person_sender_id", "person", ["sender_id"], unique=True)
    op.create_table(
        "desk_request", sa.Column("id", sa.String(), primary_key=True),
        sa.Column("person_id", sa.String(), sa.ForeignKey("person.id", ondelete="CASCADE"), nullable=False),
        sa.Column("message_key", sa.String(128), nullable=False, unique=True), sa.Column("reason", sa.String(64), nullable=False),
        sa.Column("about_topic", sa.String(64)), sa.Column("created_at", sa.DateTime(timezone=True), nullable=False))
    op.create_index("ix_desk_request_person_id", "desk_request", ["person_id"])
    op.create_table(
        "outbox", sa.Column("id", sa.String(), primary_key=True),
        sa.Column("person_id", sa.String(), sa.ForeignKey("person.id", ondelete="CASCADE"), nullable=False),
        sa.Column("key", sa.String(128), nullable=False, unique=True), sa.Column("body", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False), sa.Column("delivered_at", sa.DateTime(timezone=True)))
    op.create_index("ix_outbox_person_id", "outbox", ["person_id"])


def downgrade() -> None:
    for table in ("outbox", "desk_request", "person"):
        op.drop_table(table)
