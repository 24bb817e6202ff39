"""The codelists that an initiative begins with; from then on it publishes its own."""

import json
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

#: Programme classes that a network-wide consent never carries, as an initiative begins with them.
PROTECTED = ("domestic-violence", "substance-use")


@cache
def standard() -> Mapping[str, Mapping[str, str]]:
    """Return label by code, by codelist: a list for each that an event asks for."""
    lists: Mapping[str, Mapping[str, str]] = json.loads(files("events").joinpath("codelists.json").read_text("utf-8"))
    return lists
