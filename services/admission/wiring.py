"""Admission put together for a deployment: one call, whatever the door."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime

from events import topics
from events.catalogue import TOPIC_OF
from projections.initiative import INITIATIVE
from projections.referral import REFERRAL
from services.admission.admission import Admission, utc_now
from services.admission.digest import Naming
from services.admission.directory import PATIENCE, Directory, LogAway
from services.admission.judging import Parts
from services.admission.publish import AWAY, DEADLINE, Publisher
from services.admission.store import RegisterStore
from services.runtime.log import check_topics
from services.runtime.roles import Role
from services.runtime.settings import Settings
from services.runtime.store import connect, upgrade
from services.vault.secrets import Secrets
from services.vault.vault import Vault

#: What a rule of this build judges; records about disclosures are taken as they are.
SUPPORTED = (
    REFERRAL.rulebook.types
    | INITIATIVE.rulebook.types
    | {full for full, topic in TOPIC_OF.items() if topic is topics.DISCLOSURES}
)


@asynccontextmanager
async def opened(
    settings: Settings, *, deadline: float = DEADLINE, clock: Callable[[], datetime] = utc_now
) -> AsyncIterator[Admission]:
    """Give admission for these settings, with `keep` migrated and the directory read to the log's end.

    `deadline` is how many seconds the log may take to acknowledge before the outcome is called unknown.
    Raises a Fault when Kafka or PostgreSQL does not answer, a topic is not as the log needs it, or the secrets are
    not this database's.
    """
    await _checked(settings)
    await upgrade(settings.postgres)
    # A plan kept from when a table was small would read all of it later, for each chunk.
    pool = await connect(
        settings.postgres,
        application="manyhands-admission",
        role=Role.ADMISSION,
        plan_cache_mode="force_custom_plan",
    )
    publisher = Publisher(settings, deadline)
    try:
        secrets = Secrets(settings.home / "secrets")
        vault = Vault(pool, secrets)
        # Asked for nobody, so that the vault first compares the secrets with this database's.
        await vault.find("", "", ())
        naming = Naming(secrets.ids)
        async with Directory(settings, patience=min(PATIENCE, deadline / 3)) as directory:
            admission = Admission(Parts(publisher, directory, vault, RegisterStore(pool), naming, SUPPORTED), clock)
            yield admission
            await admission.close()
    finally:
        await publisher.close()
        await pool.close()


async def _checked(settings: Settings) -> None:
    """See that each topic is the one that events are placed by: with another count, every fold would refuse them."""
    try:
        async with asyncio.timeout(PATIENCE):
            await check_topics(settings)
    except AWAY as error:
        raise LogAway(type(error).__name__) from None
