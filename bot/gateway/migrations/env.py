"""Alembic's entry; the address comes from knowledge.migrate."""

import knowledge
from alembic import context
from bot.gateway.models import Base

made = knowledge.engine(context.config.attributes["url"])
with made.begin() as connection:
    context.configure(connection=connection, target_metadata=Base.metadata, version_table="gateway_version", render_as_batch=True)
    context.run_migrations()
made.dispose()
