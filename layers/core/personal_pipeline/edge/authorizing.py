"""What an authorizer tells the functions of a caller with an API key; on one machine the gateway tells them this."""

from personal_pipeline.domain.callers import Callers


def authorization(callers: Callers, header: str) -> dict[str, str] | None:
    """By ``Authorization: Bearer KEY``; None for a key that nobody has."""
    scheme, _, key = header.partition(" ")
    caller = callers.with_key(key.strip()) if scheme.lower() == "bearer" else None
    return {"caller": caller.name, "groups": ",".join(caller.groups)} if caller else None
