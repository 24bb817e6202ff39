"""Whether a Kafka, a PostgreSQL and a machine are all that the house relies on."""
