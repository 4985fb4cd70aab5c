"""Conversations, inbox, messages, buttons, erasures, marks."""

import sqlalchemy as sa
from alembic import op

revision, down_revision, branch_labels, depends_on = "0001", None, None, None


def _conversation() -> sa.Column:
    return sa.Column("conversation_id", sa.String(64), sa.ForeignKey("conversation.id", ondelete="CASCADE"), nullable=False, index=True)


def _moment(name: str, *, nullable: bool = False) -> sa.Column:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def upgrade() -> None:
    op.create_table(
        "conversation", sa.Column("id", sa.String(64), primary_key=True), sa.Column("token_hash", sa.String(64), nullable=False),
        sa.Column("channel", sa.String(16), nullable=False), sa.Column("external_id", sa.String(64), unique=True),
        sa.Column("closed", sa.Boolean(), nullable=False), _moment("created_at"))
    op.create_table(
        "inbox", sa.Column("seq", sa.Integer(), primary_key=True), sa.Column("id", sa.String(64), nullable=False, unique=True), _conversation(),
        sa.Column("key", sa.String(128), nullable=False), sa.Column("body_hash", sa.String(64), nullable=False), sa.Column("text", sa.String()),
        sa.Column("payload", sa.String()), _moment("received_at"), _moment("answered_at", nullable=True),
        sa.UniqueConstraint("conversation_id", "key"))
    op.create_table(
        "message", sa.Column("seq", sa.Integer(), primary_key=True), sa.Column("id", sa.String(64), nullable=False, unique=True), _conversation(),
        sa.Column("inbox_id", sa.String(64), index=True), sa.Column("author", sa.String(8), nullable=False), _moment("at"),
        sa.Column("body", sa.JSON(), nullable=False), _moment("delivered_at", nullable=True))
    op.create_table(
        "button", sa.Column("token", sa.String(64), primary_key=True), _conversation(), sa.Column("payload", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False), sa.Column("once", sa.Boolean(), nullable=False), _moment("used_at", nullable=True))
    op.create_table("erasure", sa.Column("conversation_id", sa.String(64), primary_key=True), _moment("requested_at"))
    op.create_table("mark", sa.Column("name", sa.String(64), primary_key=True), sa.Column("value", sa.String(), nullable=False))


def downgrade() -> None:
    for table in ("mark", "erasure", "button", "message", "inbox", "conversation"):
        op.drop_table(table)
