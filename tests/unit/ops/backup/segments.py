"""A broker's folder as a broker would leave it, made by hand."""

from pathlib import Path

from aiokafka.record.default_records import DefaultRecordBatchBuilder

PARTITION = "manyhands.cases-0"


def batch(first: int, *values: bytes) -> bytes:
    """Return a batch as a broker keeps it: numbered from its first offset on."""
    builder = DefaultRecordBatchBuilder(2, 0, 0, -1, -1, 0, 1 << 16)
    for place, value in enumerate(values):
        builder.append(place, 1_700_000_000_000, b"key", value, [("salt", b"x")])
    return first.to_bytes(8, "big") + bytes(builder.build())[8:]


def folder(data: Path, partition: str = PARTITION, topic: str = "t1") -> Path:
    """Make a broker's folder with an empty partition; return the partition's."""
    for name in (partition, "__cluster_metadata-0", "__consumer_offsets-0"):
        (data / name).mkdir(parents=True, exist_ok=True)
        (data / name / "partition.metadata").write_text(f"version: 0\ntopic_id: {topic}\n")
    (data / "meta.properties").write_text("cluster.id=one\n")
    (data / "__cluster_metadata-0" / "00000000000000000000.log").write_bytes(batch(0, b"topics"))
    (data / "__cluster_metadata-0" / "quorum-state").write_text("{}")
    (data / partition / "leader-epoch-checkpoint").write_text("0\n0\n")
    (data / partition / "00000000000000000000.index").write_bytes(bytes(100))
    return data / partition


def segment(first: int) -> str:
    return f"{first:020}.log"
