"""Connections for whoever runs commands, with an operator's rights."""

from typing import Any

from services.runtime.roles import Role
from services.runtime.settings import Settings
from services.runtime.store import Pool, RoleMissing, connect


async def operating(settings: Settings, application: str, **rest: Any) -> Pool:
    """Open a pool in the operator's role; `rest` is as `connect` takes it.

    On a server without the roles nothing of this house was ever made: a command that only looks finds nothing there.
    """
    try:
        return await connect(settings.postgres, application=application, role=Role.OPERATOR, **rest)
    except RoleMissing:
        return await connect(settings.postgres, application=application, **rest)
