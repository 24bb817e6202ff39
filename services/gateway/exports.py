"""`/v1/referrals/export`: the caller's referrals as a file."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from pydantic import Field
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from services.gateway.access import Action
from services.gateway.auth import may
from services.gateway.exporting import Export, Form
from services.gateway.lines import COLUMNS, Rows
from services.gateway.listing import search
from services.gateway.manual import problems
from services.gateway.narrowing import Narrowed, filters
from services.gateway.parts import parts_of
from services.gateway.principal import Principal
from services.gateway.progress import now
from services.gateway.shares import Shares, party
from services.gateway.sheets import CSV, LINES, MEDIA, Format, form_of
from services.gateway.streaming import Streaming

router = APIRouter(tags=["referrals"])
_TEXT = {"schema": {"type": "string"}}
FILE: dict[int | str, dict[str, Any]] = {
    200: {
        "description": f"The columns of referrals, in this order: {', '.join(COLUMNS['referrals'])}. "
        f"Those of offers: {', '.join(COLUMNS['offers'])}. CSV begins with them; each line of JSON has all of them.",
        "content": {CSV: _TEXT, LINES: _TEXT},
    },
}


class Wanted(Narrowed):
    """Which referrals, and how they are written."""

    format: Format | None = Field(None, description="Else by `Accept`; CSV where that says nothing.")
    rows: Rows = Field(
        "referrals", description="One line for each referral, with the offer that leads; or for each offer."
    )
    bom: bool = Field(False, description="Begin CSV with a byte order mark, for older spreadsheets.")


@router.get(
    "/referrals/export",
    operation_id="exportReferrals",
    response_class=Response,
    responses=FILE | problems(401, 403, 406),
)
async def export(
    request: Request,
    who: Annotated[Principal, Depends(may(Action.REFERRAL_EXPORT))],
    wanted: Annotated[Wanted, Query()],
) -> Response:
    """Write all that the list would show into a file, the earliest first, each line as it stands when it is written.

    That a file leaves is on record before its first row, and each referral, under its client, before its own. In CSV
    a cell that a spreadsheet could take for a formula begins with a quote. Times come by UTC and by the initiative's
    clocks. An answer that is cut off is not whole: ask again.
    """
    parts = parts_of(request)
    asked: dict[str, Format] = {CSV: "csv", LINES: "ndjson"}
    form = Form(form_of(request, asked) if wanted.format is None else wanted.format, wanted.bom, wanted.rows)
    pieces = Export(parts, await search(parts, who, wanted, "requested", now()), filters(wanted), form).pieces()
    # What fails before anything is sent is answered as a problem.
    first = await anext(pieces)
    answer = _File(_after(first, pieces), MEDIA[form.format], parts.files, party(request.scope["state"]))
    answer.headers["Content-Disposition"] = f'attachment; filename="{form.rows}.{form.format}"'
    answer.headers["Cache-Control"] = "no-store"
    return answer


class _File(Streaming):
    """Lets nobody's files keep all others from theirs.  Raises ProblemError, before anything is sent, for too many."""

    def __init__(self, pieces: AsyncGenerator[bytes, None], media: str, files: Shares, whose: str) -> None:
        super().__init__(pieces, media)
        self._files = files
        self._whose = whose

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        with self._files.one(self._whose):
            await super().__call__(scope, receive, send)


async def _after(first: bytes, pieces: AsyncGenerator[bytes, None]) -> AsyncGenerator[bytes, None]:
    async with aclosing(pieces):
        yield first
        async for piece in pieces:
            yield piece
