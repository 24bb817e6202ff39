"""The peers as engines of a race: the same job, checked for what each promises."""

from collections.abc import Callable, Mapping
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

import asyncpg
import orjson

from bench import check
from bench.engine import Job, answered
from bench.peers import environment
from bench.peers.field import PEERS, Peer
from bench.race import Engine, Result
from bench.workload import Name

#: What a peer is told of a job.
TOLD = ("kafka", "postgres", "partitions", "events")


def missing(say: Callable[[str], None], home: Path = environment.HOME, *, install: bool) -> str:
    """Return why there are no peers, or nothing when they are there; installs them when that is allowed."""
    if environment.ready(home):
        return ""
    if not install:
        return "they are not installed: `make bench-peers`"
    say("installing the peers into an environment of their own")
    try:
        environment.make(home)
    except environment.PeersMissing as why:
        return str(why)
    return ""


def engines(truth: check.Truth) -> list[Engine]:
    """Return each peer, with the check of its tables."""
    return [Engine(peer.name, peer.module, _check(peer, truth), None, partial(_start, peer)) for peer in PEERS]


def figures(name: Name, found: Mapping[str, Result]) -> dict[str, float]:
    """Return the house's rate over each peer's, by plain key."""
    ours = found["same_job"]
    raced = (peer for peer in PEERS if peer.name in found)
    return {f"{name}.{peer.figure}": round(ours.over(found[peer.name]), 4) for peer in raced}


def setting(no_peers: str) -> dict[str, Any]:
    """Return which versions were raced, or why none."""
    return {"missing": no_peers} if no_peers else {"versions": environment.versions()}


def _check(peer: Peer, truth: check.Truth) -> Callable[[asyncpg.Connection, int], Any]:
    checked = check.counted if peer.counts else check.last_values

    async def tables(connection: asyncpg.Connection, _: int) -> None:
        await checked(connection, truth)

    return tables


async def _start(peer: Peer, module: str, job: Job, seconds: float) -> dict[str, Any]:
    task = {name: value for name, value in asdict(job).items() if name in TOLD} | {"topic": job.topic}
    command = [environment.python(), "-m", module, orjson.dumps(task).decode(), peer.variant]
    return await answered(command, seconds)
