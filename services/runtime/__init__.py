"""What every process shares: settings, logging, telemetry and the consumer whose offsets PostgreSQL owns."""
