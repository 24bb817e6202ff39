"""Rows with a name in every place where none may be said, each to be turned away."""

from collections.abc import Iterator, Mapping
from typing import Any

import orjson

from tests.support.canary import ascii_name
from tests.support.casework import Person, changed
from tests.support.events import SEALED

_LONG, _LARGE = 4001, 300 * 1024


def slug(name: str) -> str:
    """Return the name as a partner or a code could be called."""
    return "".join(each if each.isalnum() else "-" for each in ascii_name(name).lower()).strip("-")[:38]


def rows(name: str) -> list[bytes]:
    """Return rows that say the name in a wrong place."""
    person = Person(f"{slug(name)}-wrong")
    return [*_attributes(person, name), *_data(person, name), *_values(person, name), *_bytes(person, name)]


def _attributes(person: Person, name: str) -> Iterator[bytes]:
    """Names in the attributes; those that may hold any printable text hold what is not printable."""
    said: list[Mapping[str, Any]] = [
        {name: name},
        {"id": name + "\N{BLACK STAR}"},
        {"id": name * 10},
        {"type": name},
        {"type": f"org.manyhands.{slug(name)}.v1"},
        {"time": name},
        {"client": name},
        {"client": f"own:{name}\N{BLACK STAR}"},
        {"subject": name},
        {"subject": f"own:{slug(name)}"},
        {"source": name},
        {"source": f"urn:manyhands:partner:{slug(name)}"},
        {"initiative": name},
        {"initiative": slug(name)},
        {"partitionkey": slug(name)},
        {"actor": name},
        {"approver": slug(name)},
        {"latereason": slug(name)},
        {"correlationid": name + "\N{BLACK STAR}"},
        {"causationid": name + "\N{BLACK STAR}"},
        {"specversion": name},
        {"datacontenttype": name},
    ]
    yield from (changed(person.registered(), **each) for each in said)


def _data(person: Person, name: str) -> Iterator[bytes]:
    """Names in the payload, where codes, ids and the schema's own words stand."""
    yield person.registered(**{name: name})
    yield person.registered(admitted={name: name})
    yield person.registered(categories=[slug(name)])
    yield person.registered(categories=name)
    yield person.requested("x", urgency=slug(name))
    yield person.requested("x", need={"taxonomy": "manyhands", "code": slug(name)})
    yield person.requested("x", need={"taxonomy": "manyhands", "code": "shelter", name: name})
    yield person.consented(recipients={"partners": [slug(name)]})
    yield person.consented(recipients={name: [name]})
    yield person.consented(valid_from=name)
    yield person.offered("x", recipient=slug(name))


def _values(person: Person, name: str) -> Iterator[bytes]:
    """Names in a sealed field that cannot be taken as they are."""
    yield person.registered(details=name * (_LONG // len(name) + 1))
    yield person.registered(details=name * (_LARGE // len(name)))
    yield person.registered(details={name: name})
    yield person.registered(details=[name])
    yield person.registered(details=name + "\0")
    yield person.registered(details=SEALED | {"kid": name})
    yield person.registered(details=SEALED | {"ct": name * 40})
    yield person.registered(details=SEALED | {name: name})


def _bytes(person: Person, name: str) -> Iterator[bytes]:
    """Names in what is no event at all, or hardly one."""
    coded = name.encode()
    quoted = orjson.dumps(name)
    yield coded
    yield quoted
    yield name.encode("utf-16")
    yield b'{"id":' + quoted
    yield b"{" + quoted + b":1," + quoted + b":2}"
    yield b'{"id":' + quoted + b',"data":' + b"[" * 40 + quoted + b"]" * 40 + b"}"
    yield b"[" + quoted + b"]"
    yield person.registered(details="?").replace(b'"?"', quoted[:-1] + b'\\ud800"')
    yield person.registered(details="?").replace(b'"?"', quoted + b',"details":' + quoted)
    yield person.registered().replace(b'"data":{}', b'"data":{"details":1E+999999,' + quoted + b":1}")
