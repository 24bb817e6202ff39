"""Everything that the API's own description allows and forbids, asked; answers must be as it says."""

import asyncio
import os
import sys
from asyncio.subprocess import PIPE, STDOUT
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.fuzz.target import Target

CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
)
#: Goes on for ever, as it should.
ENDLESS = "/live$"
#: What a partner's system may not ask for, and a registrar may.
RULED = "/(tokens|approvals|client-links)"
LONGEST_S = 3600


@dataclass(frozen=True)
class Extent:
    """How much is asked: cases an operation, and in which phases they are made up."""

    cases: int
    phases: str
    seed: int = 1


SLICE = Extent(6, "examples,fuzzing")
WHOLE = Extent(150, "examples,coverage,fuzzing")


async def asked(target: Target, extent: Extent) -> list[str]:
    """Ask everything as a partner's system, then as a registrar; return the reports of runs that found something."""
    runs: Sequence[tuple[str, tuple[str, ...]]] = (
        (target.system, ("--exclude-path-regex", ENDLESS)),
        (target.registrar, ("--include-path-regex", RULED)),
    )
    return [report for each in runs if (report := await _run(target, extent, *each))]


async def _run(target: Target, extent: Extent, bearer: str, chosen: Sequence[str]) -> str:
    process = await asyncio.create_subprocess_exec(
        str(Path(sys.executable).with_name("schemathesis")),
        "run",
        f"{target.gate.address}/v1/openapi.json",
        *("--header", f"Authorization: Bearer {bearer}"),
        *("--checks", ",".join(CHECKS)),
        *("--phases", extent.phases),
        *("--max-examples", str(extent.cases)),
        *("--seed", str(extent.seed)),
        *("--generation-database", "none", "--request-timeout", "30", "--warnings", "off", "--no-color"),
        *chosen,
        cwd=target.gate.home,
        env={**os.environ, "COLUMNS": "150"},
        stdout=PIPE,
        stderr=STDOUT,
    )
    try:
        told, _ = await asyncio.wait_for(process.communicate(), LONGEST_S)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    return told.decode() if process.returncode else ""
