"""The PostgreSQL store: a schema holds one build's rows, refusals, parked entries and positions together."""

from projections.store.postgres import PostgresStore
from projections.store.schema import create_schema, drop_schema, keep_logged, schema_exists

__all__ = ["PostgresStore", "create_schema", "drop_schema", "keep_logged", "schema_exists"]
