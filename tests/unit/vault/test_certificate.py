"""Certificates of erasure: anybody can check one, nobody can change one."""

import dataclasses
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from services.vault.certificate import certify, check
from services.vault.erasures import Erasure
from services.vault.errors import CertificateInvalid

ASKED = datetime(2026, 3, 1, tzinfo=UTC)
DONE = ASKED + timedelta(days=31)
SECRET = bytes(range(32))
ERASURE = Erasure("c", "north", "alva", "clinic", ASKED, "p", "q", DONE, DONE, DONE, held=False)


def test_certificate_says_when_no_backup_opens_the_text_any_more() -> None:
    signed = certify(SECRET, ERASURE)
    check(signed, signed["key"])
    assert signed["gone_from_backups_by"] == (DONE + timedelta(days=35)).isoformat()
    assert "alva" not in str(signed)


@pytest.mark.parametrize("change", [{"erased_at": "2026-03-02"}, {"remains": []}, {"signature": "AA"}, {"more": 1}])
def test_changed_certificate_does_not_pass(change: dict[str, Any]) -> None:
    signed = certify(SECRET, ERASURE)
    with pytest.raises(CertificateInvalid):
        check(signed | change, signed["key"])


def test_certificate_of_another_key_does_not_pass() -> None:
    other = certify(bytes(32), ERASURE)
    with pytest.raises(CertificateInvalid):
        check(certify(SECRET, ERASURE), other["key"])


def test_unfinished_erasure_has_no_certificate() -> None:
    with pytest.raises(ValueError, match="not done"):
        certify(SECRET, dataclasses.replace(ERASURE, done_at=None))
