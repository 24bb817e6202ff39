"""The search that other tests rely on finds what it is to find."""

import base64
import json
from pathlib import Path

import pytest

from tests.support.canary import CHUNK, NAMES, Search, ascii_name, forms

WORDS = [word for name in NAMES for word in name.split() if len(word) > 7]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("before", range(4))
def test_name_is_found_in_every_form_whatever_stands_around_it(name: str, before: int) -> None:
    search = Search([name])
    around = "x" * before + name + "yz"
    written = {coding: around.encode(coding) for coding in ("utf-8", "utf-16", "utf-16-be")}
    written |= {
        "json": json.dumps(around).encode(),
        "json in json": json.dumps(json.dumps(around)).encode(),
        "repr": repr(around).encode(),
        "bytes": repr(around.encode()).encode(),
        "hex": around.encode().hex().encode(),
    }
    missed = [form for form, said in written.items() if not search.text(form, said)]
    assert missed == []


@pytest.mark.parametrize("name", NAMES)
def test_base64_is_found_at_every_place(name: str) -> None:
    search = Search([name])
    for before in range(3):
        for encode in (base64.b64encode, base64.urlsafe_b64encode):
            assert search.text("", encode(b"\xff" * before + name.encode() + b"\xfe\xff"))


def test_half_a_name_is_found_too() -> None:
    assert {hit.word for hit in Search(NAMES).text("", b"mr quillfeather")} == {"Quillfeather"}


def test_name_across_two_reads_is_found(tmp_path: Path) -> None:
    file = tmp_path / "large"
    file.write_bytes(b"a" * (CHUNK - 5) + NAMES[0].encode())
    assert Search(NAMES).file(file)


def test_name_of_a_file_is_looked_at(tmp_path: Path) -> None:
    (tmp_path / ascii_name(NAMES[0])).touch()
    assert Search(NAMES).folder(tmp_path)


def test_nothing_is_found_where_nothing_is() -> None:
    assert Search(NAMES).text("", Path(json.__file__).read_bytes()) == set()


def test_every_form_is_long_enough_to_mean_something() -> None:
    assert min(len(coded) for word in WORDS for coded in forms(word).values()) >= 7
