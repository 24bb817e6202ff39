"""Addresses are judged without trust in how they are written."""

import pytest

from services.gateway.people.places import host_of, safe


@pytest.mark.parametrize(
    "url", ["https://id.example", "https://id.example:8443/x", "http://127.0.0.1:8080", "http://[::1]/"]
)
def test_secrets_may_go_there(url: str) -> None:
    assert safe(url)


@pytest.mark.parametrize(
    "url",
    [
        "http://id.example",
        "http://127.0.0.1.evil.example",
        "http://127.0.0.1@evil.example",
        "file:///etc/passwd",
        "https://",
        "https://[",
        "//id.example",
        "javascript:https://id.example",
        "",
    ],
)
def test_secrets_may_not_go_there(url: str) -> None:
    assert not safe(url)


@pytest.mark.parametrize("url", ["//[", "//[::1", "//]", "//", "", "//[x]"])
def test_host_that_cannot_be_read_is_none(url: str) -> None:
    assert host_of(url) is None
