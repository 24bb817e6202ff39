"""The in-memory store keeps the contract of stores."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from projections.batch import Folded
from projections.dump import Source
from projections.memory import MemoryStore
from tests.contracts.parts import Held
from tests.contracts.store import StoreContract
from tests.support.toy import TOY


def over(store: MemoryStore) -> Held:
    @asynccontextmanager
    async def source() -> AsyncIterator[Source]:
        yield store

    return Held(store, store, source)


class TestMemoryStore(StoreContract):
    @pytest.fixture
    def held(self) -> Held:
        return over(MemoryStore(TOY))


class Trusting(MemoryStore):
    """Takes a batch wherever it starts."""

    def stands(self, folded: Folded) -> bool:
        return True


async def test_without_the_compare_the_contract_fails() -> None:
    suite = StoreContract()
    with pytest.raises(pytest.fail.Exception):
        await suite.test_a_batch_that_starts_elsewhere_is_fenced(over(Trusting(TOY)), 4)
    with pytest.raises(pytest.fail.Exception):
        await suite.test_a_zombie_that_commits_late_changes_nothing(over(Trusting(TOY)))
