"""A log that is not the one that was folded is noticed, whatever it looks like."""

from aiokafka import TopicPartition
from aiokafka.admin import RecordsToDelete

from projections.record import Position
from services.runtime import log
from services.runtime.app import LogTransport
from services.runtime.consumer import LogConsumer
from services.runtime.processor import Processor
from services.runtime.thread import LogThread
from tests.integration.runtime.test_stopping import codes
from tests.support.stage import Stage
from tests.support.wait import until


async def test_stored_offset_beyond_the_end(stage: Stage) -> None:
    await stage.tell(0, 1, 30)
    await stage.tell(1, 2, 30)
    async with stage.running():
        await stage.caught_up()
    await stage.recreate()
    await stage.tell(0, 3, 10)
    await stage.tell(2, 4, 10)
    async with stage.running() as processor:
        await stage.caught_up([2])
        await until(lambda: len(codes(processor)) == 2)
        assert codes(processor) == {0: "log-cut", 1: "log-cut"}
    assert await stage.positions() == {0: 30, 1: 30, 2: 10}


async def test_topic_made_anew_and_longer_than_before(stage: Stage) -> None:
    await stage.tell(0, 1, 30)
    async with stage.running():
        await stage.caught_up()
    await stage.recreate()
    await stage.tell(0, 2, 60)
    await stage.tell(1, 3, 10)
    async with stage.running() as processor:
        await stage.caught_up([1])
        await until(lambda: codes(processor))
        assert codes(processor) == {0: "log-replaced"}
    assert (await stage.positions())[0] == 30


async def test_topic_made_anew_under_a_running_worker(stage: Stage) -> None:
    await stage.tell(0, 1, 30)
    async with stage.running() as processor:
        await stage.caught_up()
        await stage.recreate()
        await stage.tell(0, 2, 60)
        await until(lambda: codes(processor))
        assert codes(processor)[0] in ("log-replaced", "log-cut")
    assert (await stage.positions())[0] == 30


async def test_beginning_that_expired(stage: Stage) -> None:
    await stage.tell(0, 1, 30)
    await stage.tell(1, 2, 30)
    async with log.admin(stage.settings) as client:
        await client.delete_records({TopicPartition(stage.topic, 0): RecordsToDelete(before_offset=10)})
    async with stage.running() as processor:
        await stage.caught_up([1])
        await until(lambda: codes(processor))
        assert codes(processor) == {0: "history-missing"}


class Trusting(LogThread):
    """Reads on from an offset without reading the record before it again."""

    def proof(self, position: Position) -> bytes | None:
        return None


class TrustingConsumer(LogConsumer):
    def _new_consumer_thread(self) -> LogThread:
        return Trusting(self, loop=self.loop, beacon=self.beacon)


class TrustingTransport(LogTransport):
    Consumer = TrustingConsumer


async def test_without_the_proof_a_replaced_log_would_be_folded(stage: Stage) -> None:
    await stage.tell(0, 1, 30)
    async with stage.running():
        await stage.caught_up()
    await stage.recreate()
    await stage.tell(0, 2, 60)
    trusting = Processor(stage.projection, stage.settings)
    trusting.transport = TrustingTransport
    async with stage.running(trusting):
        await stage.caught_up()
    assert await stage.tallies() != stage.counts()
