"""Names that nobody has, and finding them wherever they were written, in whatever form."""

import base64
import json
import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

#: One for each way in which a name can be hard on a writer.
NAMES = (
    "Zaphrodite Quillfeather",
    "Þórgnýra Přílišová-Ångströmson",
    "Василиса Премудровна",
    "🦜🪺Kanarienpieps🪶",
    'Peg "Birdywhistle" O\'Finchleyton\\Wrenham',
    "wrenfield-20170229-5551234",
)
#: What stands in a record that somebody wrote to the log past admission: it is there, and must be nowhere else.
SMUGGLED = "Oriolande Smugglethwaite"
#: What a build leaks that leaves one field unsealed.
LEAKED = "Pipitwistle Leakaridge"

CHUNK = 64 << 10
#: Shorter parts would be found by chance.
_LONG_ENOUGH = 7
_UNITS = re.compile(rb"(?<=\\u)[0-9a-f]{4}")
_RUN = re.compile(rf"[^\s\"'\\]{{{_LONG_ENOUGH},}}|\w{{{_LONG_ENOUGH},}}")


def ascii_name(name: str) -> str:
    """Return the name as it can stand in ids, which take printable ASCII only."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    return plain if len(plain) >= _LONG_ENOUGH else f"vasilissa-premudrovna-{len(name)}"


def forms(word: str) -> dict[str, bytes]:
    """Return the word in every form that this system or a part of it might write it in."""
    plain = word.encode()
    found = {
        "utf-8": plain,
        "decomposed": unicodedata.normalize("NFD", word).encode(),
        "lower case": word.lower().encode(),
        "upper case": word.upper().encode(),
        # Without the zeros at their ends, as files are full of zeros and the search would stop at each.
        "utf-16le": word.encode("utf-16-le").strip(b"\0"),
        "utf-16be": word.encode("utf-16-be").strip(b"\0"),
        "hex": plain.hex().encode(),
        "HEX": plain.hex().upper().encode(),
        "json": json.dumps(word)[1:-1].encode(),
        "json in json": json.dumps(json.dumps(word)[1:-1])[1:-1].encode(),
        "JSON": _UNITS.sub(lambda unit: unit.group().upper(), json.dumps(word)[1:-1].encode()),
        "all escaped": "".join(_escaped(each) for each in word).encode(),
        "bytes": repr(plain)[2:-1].encode(),
        "url": quote(word).encode(),
    }
    return found | {f"base64 {shift}": _base64(plain, shift) for shift in range(3)} | _urlsafe(plain)


def _escaped(character: str) -> str:
    units = character.encode("utf-16-be").hex()
    return "".join(f"\\u{units[at : at + 4]}" for at in range(0, len(units), 4))


def _base64(plain: bytes, shift: int) -> bytes:
    """Return the characters that the bytes alone decide when so many bytes stand before them."""
    coded = base64.b64encode(bytes(shift) + plain + bytes(2))
    return coded[-(-8 * shift // 6) : 8 * (shift + len(plain)) // 6]


def _urlsafe(plain: bytes) -> dict[str, bytes]:
    table = bytes.maketrans(b"+/", b"-_")
    return {f"base64url {shift}": _base64(plain, shift).translate(table) for shift in range(3)}


@dataclass(frozen=True)
class Hit:
    """A name that was found: in what, which part of it, and how it was written."""

    where: str
    word: str
    form: str


class Search:
    """Looks for every long enough part of the names, in every form at once."""

    def __init__(self, names: Iterable[str]) -> None:
        words = {word for name in names for word in _RUN.findall(name)}
        self._known = {coded: (word, form) for word in sorted(words) for form, coded in forms(word).items()}
        self._longest = max(map(len, self._known))
        self._pattern = re.compile(_trie(sorted(self._known)), re.DOTALL)

    def text(self, where: str, said: bytes) -> set[Hit]:
        """Return the names in these bytes."""
        return {Hit(where, *self._known[found.group()]) for found in self._pattern.finditer(said)}

    def file(self, path: Path) -> set[Hit]:
        """Return the names in the file."""
        hits: set[Hit] = set()
        rest = b""
        with path.open("rb") as stream:
            while chunk := stream.read(CHUNK):
                if chunk.count(0) < len(chunk):
                    hits |= self.text(str(path), rest + chunk)
                rest = chunk[-self._longest :]
        return hits

    def folder(self, path: Path) -> set[Hit]:
        """Return the names in all files below, and in their names."""
        hits: set[Hit] = set()
        for each in _files(path):
            hits |= self.text(str(each), str(each).encode()) | self.file(each)
        return hits


def _files(path: Path) -> Iterator[Path]:
    """Give the plain files below, but for those that a running server removes meanwhile."""
    for each in sorted(path.rglob("*")):
        if each.is_file() and not each.is_symlink():
            yield each


def _trie(words: list[bytes]) -> bytes:
    """Return a pattern for any of the sorted words that never looks at the same beginning twice."""
    branches: list[bytes] = []
    for first in sorted({word[:1] for word in words if word}):
        rests = sorted({word[1:] for word in words if word[:1] == first})
        branches.append(re.escape(first) + (b"" if b"" in rests else _trie(rests)))
    return branches[0] if len(branches) == 1 else b"(?:" + b"|".join(branches) + b")"
