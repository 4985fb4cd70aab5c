"""Alembic's entry; the address comes from knowledge.store.migrate."""

from alembic import context
from knowledge.models import Base
from knowledge.store import engine

made = engine(context.config.attributes["url"])
with made.begin() as connection:
    context.configure(connection=connection, target_metadata=Base.metadata, version_table="knowledge_version", render_as_batch=True)
    context.run_migrations()
made.dispose()
