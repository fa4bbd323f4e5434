"""The services of a company: who owns them, and what stands on what."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Service:
    """One entry of ``_services.yaml``. ``depends_on`` names services, not necessarily known ones."""

    name: str
    aliases: tuple[str, ...] = ()
    owner: str = ""
    depends_on: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    contacts: tuple[str, ...] = ()
    schedule: str = ""
