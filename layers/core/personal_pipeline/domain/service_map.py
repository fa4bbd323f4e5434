"""The services of a company: who owns them, and what stands on what."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain, islice

MOST_NEIGHBOURS = 50  # and as many downstream
_NOT_IN_SLUG = re.compile(r"[^\w]+|_+")


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


@dataclass(frozen=True, slots=True)
class ServicesFile:
    """What ``_services.yaml`` says: services by the slug of each of their names, and who may see which folder.

    A folder is a path below the source, the source itself empty.
    """

    services: Mapping[str, Service] = field(default_factory=dict)
    folders: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def groups_of(self, path: str) -> tuple[str, ...]:
        """Of the nearest folder around a document that has any."""
        folder = path
        while folder:
            folder = folder.rpartition("/")[0]
            if folder in self.folders:
                return self.folders[folder]
        return ()


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A service that another stands on, or that stands on it; at ``depth`` 1 directly."""

    name: str
    depth: int


class ServiceMap:
    """Services by any of their names. Of two that claim one, the one named so comes before an alias, then the first.

    Names are compared as documents name them: neither case nor what stands between words counts.
    """

    def __init__(self, services: Iterable[Service]) -> None:
        services = tuple(services)
        self._by_slug: dict[str, Service] = {}
        for service in services:
            self._by_slug.setdefault(slug(service.name), service)
        for service in services:
            for alias in service.aliases:
                self._by_slug.setdefault(slug(alias), service)
        self._by_slug.pop("", None)
        self._dependents: dict[str, list[str]] = {}
        for service in dict.fromkeys(self._by_slug.values()):
            for below in service.depends_on:
                self._dependents.setdefault(self._id(below), []).append(service.name)

    @property
    def services(self) -> tuple[Service, ...]:
        """Each once, as the files name them."""
        return tuple(dict.fromkeys(self._by_slug.values()))

    def find(self, name: str) -> Service | None:
        return self._by_slug.get(slug(name))

    def upstream(self, name: str) -> tuple[Neighbour, ...]:
        """What the service depends on, the nearest first and then as the files name them: at most 50, never itself.

        A service that no file describes counts as well, under the name it was first called by.
        """
        return tuple(self._walked(name, self._depends_on).values())

    def downstream(self, name: str) -> tuple[Neighbour, ...]:
        """The same the other way round: what depends on the service."""
        return tuple(self._walked(name, lambda service_id: self._dependents.get(service_id, ())).values())

    def name_of(self, name: str) -> str:
        """One for all names of a service; that of an unknown one as it was given."""
        service = self.find(name)
        return service.name if service else name

    def is_upstream(self, name: str, of: str) -> bool:
        """Whether trouble of the first can be the cause of trouble of the second. Two in a circle are, both ways."""
        return self._id(name) in self._walked(of, self._depends_on)

    def owner(self, name: str) -> str:
        service = self.find(name)
        return service.owner if service else ""

    def contacts(self, name: str) -> tuple[str, ...]:
        service = self.find(name)
        return service.contacts if service else ()

    def _walked(self, name: str, following: Callable[[str], Sequence[str]]) -> dict[str, Neighbour]:
        """By the id of each, breadth first: a service is met where it is nearest."""
        start = self._id(name)
        found: dict[str, Neighbour] = {start: Neighbour(name, 0)}
        level: Sequence[str] = (start,)
        while level and len(found) <= MOST_NEIGHBOURS:
            depth = found[level[0]].depth + 1
            named: dict[str, str] = {}
            for below in chain.from_iterable(map(following, level)):
                named.setdefault(self._id(below), self.name_of(below))
            level = [service for service in named if service and service not in found]
            found |= {service: Neighbour(named[service], depth) for service in level}
        del found[start]
        return dict(islice(found.items(), MOST_NEIGHBOURS))

    def _id(self, name: str) -> str:
        """One for all names of a service."""
        service = self.find(name)
        return slug(service.name) if service else slug(name)

    def _depends_on(self, service_id: str) -> tuple[str, ...]:
        service = self._by_slug.get(service_id)
        return service.depends_on if service else ()


def slug(name: str) -> str:
    return _NOT_IN_SLUG.sub("-", name.casefold()).strip("-")
