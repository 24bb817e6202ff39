"""The register as the log says it, made again from records alone."""

from datetime import timedelta

from services.admission.register import Rebuild
from tests.support.events import CLIENT, INITIATIVE, NOON, REFERRAL, Told, line, partner

SECOND = timedelta(seconds=1)


def test_the_first_opening_counts_though_the_brokers_clock_stepped_back() -> None:
    told, rebuild = Told(), Rebuild()
    first, second = (told("referral.requested", source=partner(name)) for name in ("clinic", "shelter"))
    rebuild.take(0, [line(first, 0, NOON), line(second, 1, NOON - SECOND)])
    held = rebuild.rows[INITIATIVE, REFERRAL]
    assert (held.record, held.opener) == (CLIENT, "clinic")
