"""The PostgreSQL store: a schema holds one build's rows, refusals, parked entries and positions together."""

from projections.store.postgres import PostgresStore
from projections.store.schema import create_schema, drop_schema, keep_logged, schema_exists
from projections.store.snapshot import Snapshot

__all__ = ["PostgresStore", "Snapshot", "create_schema", "drop_schema", "keep_logged", "schema_exists"]
