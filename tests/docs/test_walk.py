from pathlib import Path

from tests.docs.walk import Block, blocks

PAGE = """# A page

```sh
one
```

Words between.

```text
first line

3   …   rows
```

```sh until
two
```

```json
{}
```
"""


def test_a_block_has_the_lines_shown_below_it(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(PAGE)
    assert blocks(page) == [
        Block("", "one\n", ("first line", "3   …   rows")),
        Block("until", "two\n", ()),
    ]


def test_what_was_not_printed_is_missing() -> None:
    block = Block("", "", ("first line", "3 … rows"))
    assert block.missing("a first\n line\n3 long rows") == []
    assert block.missing("first lines\n4 rows") == ["3 … rows"]
