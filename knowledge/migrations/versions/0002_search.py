"""The index of articles: FTS5 on SQLite, a tsvector on PostgreSQL. It holds nothing that is not in the files."""

import sqlalchemy as sa
from alembic import op

revision, down_revision, branch_labels, depends_on = "0002", "0001", None, None


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute("CREATE VIRTUAL TABLE search_article USING fts5(topic UNINDEXED, title, body)")
    else:
        op.execute("CREATE TABLE search_article (topic varchar(64) PRIMARY KEY, stems tsvector NOT NULL)")
        op.execute("CREATE INDEX ix_search_article_stems ON search_article USING gin (stems)")
    op.create_table("search_term", sa.Column("stem", sa.String(128), primary_key=True), sa.Column("documents", sa.Integer(), nullable=False))


def downgrade() -> None:
    op.drop_table("search_term")
    op.drop_table("search_article")
