"""Addresses come in one spelling, and nothing that could end a mail's header is one."""

import pytest

from services.gateway.people.address import spelled


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("Ada@Example.ORG", "ada@example.org"),
        (" ada@example.org ", "ada@example.org"),
        ("ada+desk@example.org", "ada+desk@example.org"),
        ("ada@Bücher.example", "ada@xn--bcher-kva.example"),
        ("ada@bu\u0308cher.example", "ada@xn--bcher-kva.example"),
        ("ada@\uff45xample.org", "ada@example.org"),
        ("o'neill@example.org", "o'neill@example.org"),
    ],
)
def test_one_spelling(typed: str, found: str) -> None:
    assert spelled(typed) == found


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "@",
        "ada",
        "ada@",
        "@example.org",
        "ada@localhost",
        "ada@@example.org",
        "ada@example..org",
        "ada@-example.org",
        "ada@example.org\r\nBcc: eve@example.net",
        "ada\r\nBcc: eve@example.net@example.org",
        "ada\n@example.org",
        "ada\0@example.org",
        "ada@example.org\n",
        "ada@exam\u2028ple.org",
        "Ada <ada@example.org>",
        "ada@example.org, eve@example.net",
        '"ada"@example.org',
        "\u0430da@example.org",
        "\u212aate@example.org",
        ".ada@example.org",
        "a" * 65 + "@example.org",
        "ada@" + "a" * 64 + ".org",
        "ada@" + "a." * 200 + "org",
        "ada@" + "x" * 100_000,
    ],
)
def test_not_an_address(typed: str) -> None:
    assert spelled(typed) is None
