"""What the report says of the peers: ours over theirs, their promises, and where time goes when one is ahead."""

from collections.abc import Iterator
from typing import NamedTuple

from bench.figures import Findings
from bench.peers.field import OURS, PEERS

#: A figure below 1 is a peer that was faster.
TITLE = "The same job beside others: same_job's rate over theirs"
GAP = ["step, or whose code had the processor", "µs an event"]


class Section(NamedTuple):
    """A table below its title, or a line alone."""

    title: str
    heads: list[str]
    rows: list[list[str]]
    line: str


def sections(findings: Findings) -> Iterator[Section]:
    """Return the sections on peers; one line when there are none."""
    peers = findings.setting.get("peers", {})
    if "missing" in peers:
        yield Section(TITLE, [], [], f"No peers were measured: {peers['missing']}.")
        return
    names = [name for name in findings.tables if _ratio(findings, name, PEERS[0].figure) != "-"]
    if not names:
        return
    heads = ["engine", *names, "promise"]
    rows = [[peer.name, *(_ratio(findings, name, peer.figure) for name in names), peer.promise] for peer in PEERS]
    versions = ", ".join(f"{name} {version}" for name, version in peers["versions"].items())
    yield Section(TITLE, heads, [["same_job", *("1" for _ in names), OURS], *rows], f"Peers: {versions}.")
    for name, stages in findings.gaps.items():
        steps = [[stage.name, f"{stage.us:.2f}"] for stage in stages]
        yield Section(f"Where the same job spends its time, {name}, as a peer was ahead", GAP, steps, "")


def _ratio(findings: Findings, name: str, figure: str) -> str:
    found = findings.figures.get(f"{name}.{figure}")
    return "-" if found is None else f"{found:.3f}"
