"""Which peers are measured, how each is called, and what it promises."""

from typing import NamedTuple

AT_LEAST_ONCE = "at least once; a replay counts again"


class Peer(NamedTuple):
    """An engine of others': its module's variant, and whether it counts or keeps the last value alone."""

    name: str
    module: str
    variant: str
    promise: str
    counts: bool = True

    @property
    def figure(self) -> str:
        """The key, below a workload, of the house's rate over this one's."""
        return f"same_job_over_{self.name}"


PEERS = (
    Peer("faststream_models", "bench.peers.faststream", "models", AT_LEAST_ONCE),
    Peer("faststream_raw", "bench.peers.faststream", "raw", AT_LEAST_ONCE),
    Peer("bytewax", "bench.peers.bytewax", "batch", f"{AT_LEAST_ONCE} (recovery on)"),
    Peer("bytewax_map", "bench.peers.bytewax", "map", "at least once; its own state mends a replay (recovery on)"),
    Peer("quix", "bench.peers.quix", "count", "at least once; counts in its own state, backed by a changelog topic"),
    Peer("quix_sink", "bench.peers.quix", "sink", "at least once; last value only, no count", counts=False),
)
OURS = "exactly-once effect: rows, counts and position in one transaction"
