"""The weekly mail is sent once, to whoever is to be asked."""

import asyncio

from services.gateway.links.addresses import Addresses
from services.gateway.parts import Parts
from services.runtime.settings import Settings
from services.runtime.store import connect
from tests.support import linking, people
from tests.support.admitting import CLINIC, NEWCOMER, SHELTER
from tests.support.events import INITIATIVE
from tests.support.linking import DESK
from tests.support.mailbox import Mailbox
from tests.support.weekly import WEEK, drained, sender


async def test_week_is_mailed_once_to_whoever_has_services_and_an_address(
    settings: Settings, parts: Parts, box: Mailbox
) -> None:
    await linking.addressed(parts, NEWCOMER, "desk@new.example")
    await linking.addressed(parts, CLINIC, "desk@clinic.example")
    # The week in which it begins is left out, and so are two in which nothing ran.
    async with sender(settings, 3 * WEEK) as work:
        await drained(work)
    assert box.mails == []
    async with sender(settings) as one, sender(settings) as two, sender(settings) as three:
        await asyncio.gather(*(drained(each) for each in (one, two, three)))
    async with sender(settings) as later:
        await drained(later)
    mails = {mail["To"]: mail for mail in box.mails}
    assert (len(box.mails), sorted(mails)) == (2, ["desk@new.example", DESK])
    text = str(mails[DESK].get_body(("plain",)).get_content()).replace("\r", "")  # type: ignore[union-attr]
    assert "Help\n  room: 4 of 10 meals, said on " in text
    assert "Soup\n  room: nobody said" in text
    # What is protected is named in no mailbox.
    assert "Beds" not in mails[DESK].as_string()


async def test_without_their_keys_weeks_would_be_mailed_twice(settings: Settings, parts: Parts, box: Mailbox) -> None:
    async with await connect(settings.postgres, application="t", size=1) as pool:
        await pool.execute("alter table keep.weekly_round drop constraint weekly_round_pkey cascade")
        await pool.execute("alter table keep.weekly_mail drop constraint weekly_mail_initiative_week_partner_key")
    async with sender(settings, WEEK) as work:
        await drained(work)
    for _ in range(2):
        async with sender(settings) as work:
            await drained(work)
    assert len(box.mails) == 2


async def test_process_that_died_while_sending_leaves_the_mail_to_the_next(
    settings: Settings, parts: Parts, box: Mailbox
) -> None:
    async with sender(settings, WEEK) as work:
        await drained(work)
    async with sender(settings) as work:
        box.refusal = "451 try again later"
        await drained(work)
        # It was claimed and its attempt written down, and then nothing was heard of it any more.
        await people.rows(settings, "update keep.weekly_mail set due = now() returning mail")
        await people.rows(settings, "update keep.weekly_link set ended = null, outcome = null returning mail")
        box.refusal = None
        await drained(work)
        await drained(work)
    assert len(box.mails) == 1
    tried = await people.rows(settings, "select attempt, outcome from keep.weekly_link order by attempt")
    assert [tuple(each) for each in tried] == [(1, None), (2, "sent")]


async def test_partner_that_leaves_between_is_mailed_no_more(settings: Settings, parts: Parts, box: Mailbox) -> None:
    async with sender(settings, WEEK) as work:
        await drained(work)
    box.refusal = "451 try again later"
    async with sender(settings) as work:
        await drained(work)
    box.refusal = None
    await people.rows(settings, "update keep.weekly_mail set due = now() returning mail")
    await Addresses(parts.keep).forget(INITIATIVE, SHELTER)
    async with sender(settings) as work:
        await drained(work)
    assert box.mails == []
    [mail] = await people.rows(settings, "select given_up is not null as over from keep.weekly_mail")
    assert mail["over"]
