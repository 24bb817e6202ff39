"""The access entries that are wanted: each literal, each needed, and none for what nobody may do."""

from pathlib import Path

import pytest

from events import topics
from projections.referral import REFERRAL
from services.ops.acl.entries import Entry, Kind, Operation, Pattern, allows, wanted
from services.ops.acl.granting import Reach
from services.runtime.settings import Settings

SETTINGS = Settings(Path(), "k:1", "postgresql://", topic_prefix="x.")
WANTED = wanted(SETTINGS, ["care", "careplus"], [REFERRAL], ["a", "b"])
CARE, INBOX = "User:x.manyhands.partner.care", "x.manyhands.inbox.care"
LOG = {SETTINGS.topic(topic) for topic in topics.ALL}
REACH = Reach(frozenset(LOG | {INBOX, "x.manyhands.inbox.careplus"}), frozenset(WANTED))


def of(principal: str) -> set[tuple[str, Operation]]:
    return {(each.name, each.operation) for each in WANTED if each.principal == principal}


def test_a_partner_writes_its_own_inbox_and_nothing_else() -> None:
    assert of(CARE) == {(INBOX, Operation.WRITE), (INBOX, Operation.DESCRIBE)}


def test_every_entry_is_literal_and_allows() -> None:
    assert {(each.pattern, each.allows, "*" in each.name) for each in WANTED} == {(Pattern.LITERAL, True, False)}


def test_nobody_deletes_makes_or_alters() -> None:
    assert {each.operation for each in WANTED} == {
        *(Operation.READ, Operation.WRITE, Operation.DESCRIBE, Operation.DESCRIBE_CONFIGS)
    }
    assert {each.kind for each in WANTED} == {Kind.TOPIC, Kind.GROUP}


def test_only_admission_writes_the_log_and_only_the_intake_reads_inboxes() -> None:
    writers = {each.principal for each in WANTED if each.name in LOG and each.operation is Operation.WRITE}
    readers = {each.principal for each in WANTED if each.name == INBOX and each.operation is Operation.READ}
    assert writers == {f"User:x.manyhands.{each}" for each in ("gateway", "intake", "timekeeper")}
    assert readers == {"User:x.manyhands.intake"}


def test_the_timekeeper_says_what_is_due_of_cases_alone() -> None:
    assert {name for name, operation in of("User:x.manyhands.timekeeper") if operation is Operation.WRITE} == {
        SETTINGS.topic(topics.CASES)
    }


def test_processors_join_the_groups_of_their_builds() -> None:
    groups = {each.name for each in WANTED if each.kind is Kind.GROUP}
    assert groups == {"x.manyhands.referral.v8.a", "x.manyhands.referral.v8.b"}


def test_who_may_write_may_see_that_it_is_there() -> None:
    asked = Entry(CARE, Kind.TOPIC, INBOX, Operation.DESCRIBE)
    assert allows([asked._replace(operation=Operation.WRITE)], asked)
    assert not allows([asked], asked._replace(operation=Operation.WRITE))
    assert not allows([asked], asked._replace(name=INBOX + "plus"))


@pytest.mark.parametrize(
    ("entry", "hole"),
    [
        (Entry(CARE, Kind.TOPIC, INBOX, Operation.WRITE), False),
        (Entry(CARE, Kind.TOPIC, INBOX, Operation.WRITE, Pattern.PREFIXED), True),
        (Entry(CARE, Kind.TOPIC, INBOX, Operation.READ), True),
        (Entry(CARE, Kind.TOPIC, INBOX, Operation.WRITE, host="10.0.0.1"), True),
        (Entry(CARE, Kind.TOPIC, INBOX, Operation.ALL, allows=False), False),
        (Entry("User:*", Kind.TOPIC, "*", Operation.DESCRIBE), True),
        (Entry("User:other", Kind.TOPIC, "theirs", Operation.ALL), False),
        (Entry("User:other", Kind.TOPIC, "th", Operation.ALL, Pattern.PREFIXED), False),
        (Entry("User:other", Kind.GROUP, "x.manyhands.referral.v8.a", Operation.READ), True),
        (Entry("User:other", Kind.GROUP, "x.", Operation.READ, Pattern.PREFIXED), True),
        (Entry("User:other", Kind.CLUSTER, "kafka-cluster", Operation.ALTER), True),
        (Entry("User:broker", Kind.CLUSTER, "kafka-cluster", Operation.CLUSTER_ACTION), False),
    ],
)
def test_what_opens_ours_is_a_hole(entry: Entry, hole: bool) -> None:
    assert (entry in REACH.surplus([entry])) is hole
