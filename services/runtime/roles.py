"""The rights in PostgreSQL that each kind of process takes on: a role a kind, and none of them logs in by itself."""

from enum import StrEnum


class Role(StrEnum):
    """What a process may touch: see docs/how-to/roles.md."""

    #: Reads read models of one initiative at a time, and what people and partner systems sign in with.
    GATEWAY = "manyhands_gateway"
    #: Writes the register, clients, aliases and keys; reads no read model.
    ADMISSION = "manyhands_admission"
    #: Owns the read models; sees no key, alias, client or address of `keep`.
    PROCESSOR = "manyhands_processor"
    #: What a processor may, and to know where partners have their mails sent.
    NOTIFICATIONS = "manyhands_notifications"
    #: All of it: rebuilds, switches, erases.
    OPERATOR = "manyhands_operator"
