"""What the routes stand on, opened once for the process."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from starlette.requests import HTTPConnection

from services.admission.admission import Admission
from services.admission.wiring import opened as admitting
from services.gateway.binding import Binding
from services.gateway.consistency import Consistency
from services.gateway.feeds.live import Live
from services.gateway.keyage import measured as watched
from services.gateway.limits import Limits
from services.gateway.people import people
from services.gateway.people.people import People
from services.gateway.people.tidying import tidying
from services.gateway.progress import ACCOUNTS, Progress
from services.gateway.rulings import Rulings
from services.gateway.shares import Shares
from services.gateway.store import Keep
from services.gateway.telemetry import Telemetry
from services.gateway.tokens import Tokens
from services.runtime.roles import Role
from services.runtime.settings import Settings
from services.runtime.store import Pool, connect
from services.vault.secrets import Secrets
from services.vault.vault import Vault

#: Files that are written at once: each lasts as long as its reader takes.
FILES = 16
#: Seconds in which the log must acknowledge; beyond it the outcome is called unknown.
DEADLINE = 3.0


@dataclass(frozen=True)
class Parts:
    """Reached by routes through `parts_of`."""

    settings: Settings
    admission: Admission
    vault: Vault
    secrets: Secrets
    #: Connections for reading, apart from admission's own.
    pool: Pool
    keep: Keep
    tokens: Tokens
    telemetry: Telemetry
    binding: Binding
    consistency: Consistency
    people: People
    limits: Limits
    rulings: Rulings
    progress: Progress
    #: The same of the account of disclosures.
    accounted: Progress
    files: Shares
    live: Live


def parts_of(request: HTTPConnection) -> Parts:
    """Return what the application that the request came to stands on."""
    parts: Parts = request.app.state.parts
    return parts


@asynccontextmanager
async def opened(settings: Settings, telemetry: Telemetry | None = None) -> AsyncIterator[Parts]:
    """Open everything for these settings, and close it after.

    Raises a Fault when Kafka or PostgreSQL does not answer or the secrets are not this database's.
    """
    async with AsyncExitStack() as stack, admitting(settings, deadline=DEADLINE) as admission:
        pool = await connect(settings.postgres, application="manyhands-gateway", role=Role.GATEWAY)
        keep = Keep(pool)
        rulings = Rulings(keep)
        progress, accounted = Progress(settings, keep), Progress(settings, keep, ACCOUNTS)
        measured = telemetry or Telemetry()
        live = Live(settings, keep, admission, measured)
        try:
            secrets = Secrets(settings.home / "secrets")
            binding = Binding(secrets.door)
            folk = await stack.enter_async_context(people.opened(settings, keep, secrets.door, measured))
            await stack.enter_async_context(tidying(keep))
            await stack.enter_async_context(watched(admission.vault, measured))
            yield Parts(
                settings=settings,
                admission=admission,
                vault=admission.vault,
                secrets=secrets,
                pool=pool,
                keep=keep,
                tokens=Tokens(keep),
                telemetry=measured,
                binding=binding,
                consistency=Consistency(settings, binding),
                people=folk,
                limits=Limits(settings, measured),
                rulings=rulings,
                progress=progress,
                accounted=accounted,
                files=Shares(FILES),
                live=live,
            )
        finally:
            await live.close()
            await rulings.close()
            await progress.close()
            await accounted.close()
            await pool.close()
