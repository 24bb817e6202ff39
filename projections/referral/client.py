"""The row that a client's state is kept in."""

from pathlib import Path

from projections.projection import Key, Kind, Row, Table
from projections.referral.state import Client, decode_client, encode

CLIENT = Table(
    name="client",
    columns={
        "initiative": "text",
        "record": "uuid",
        "id": "uuid",
        "state": "text",
        "registered_by": "text",
        "registered_at": "timestamptz",
        "consents": "int2",
        "open_offers": "int2",
        "backfilled": "bool",
        "erased": "bool",
    },
    key=("initiative", "record", "id"),
    sql=Path(__file__).with_name("client.sql"),
    erasable=(),
)


def row(key: Key, client: Client) -> Row:
    """Return the client's row; `consents` counts those that nobody ended."""
    return (
        *key[1:],
        encode(client),
        client.by,
        client.registered,
        sum(consent.ended is None for consent in client.consents),
        len(client.open_offers),
        client.backfilled,
        client.erased,
    )


CLIENTS = Kind(CLIENT, decode_client, row)
