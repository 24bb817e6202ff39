"""A look at brokers that ask who calls, by whom they know and by whom they do not."""

from dataclasses import replace

from services.ops.check import brokers
from services.ops.check.finding import Finding, within
from services.runtime.settings import Settings
from tests.integration.inbox.conftest import Deployment


async def looked(settings: Settings) -> dict[str, Finding]:
    return {each.what: each for each in await within("Kafka", brokers.looks(settings))}


async def test_guarded_brokers_are_right_for_the_operator(guarded: Deployment) -> None:
    found = await looked(guarded.operator)
    assert [each for each in found.values() if each.verdict == "wrong"] == []
    assert found["access to brokers"].seen == "keep access entries"
    assert found["traffic to brokers"].seen == "sasl_ssl"


async def test_partner_may_not_try_what_services_do(guarded: Deployment) -> None:
    found = await looked(guarded.partner("clinic"))
    assert "wrong" in {each.verdict for each in found.values()}


async def test_password_that_nobody_knows_is_found(guarded: Deployment) -> None:
    file = guarded.operator.home / "wrong.password"
    file.write_text("wrong")
    file.chmod(0o600)
    found = await looked(replace(guarded.operator, kafka_password_file=file))
    assert (list(found), found["Kafka"].verdict) == (["Kafka"], "wrong")


async def test_brokers_spoken_to_in_clear_are_found(guarded: Deployment) -> None:
    found = await looked(replace(guarded.operator, kafka_security="plaintext"))
    assert found["Kafka"].verdict == "wrong"
