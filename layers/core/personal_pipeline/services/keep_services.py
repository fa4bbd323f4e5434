"""What a source's ``_services.yaml`` says, into the catalog, where the matching of alerts reads it.

No event of the file has a revision, so a slow worker may write what it read before a faster one wrote newer services.
Therefore each reads again after it wrote: whoever writes last sees the file as it is then, and every later change has
an event of its own.
"""

from dataclasses import replace

from personal_pipeline.domain.errors import UnavailableError
from personal_pipeline.domain.service_map import Service, ServicesFile
from personal_pipeline.ports import Catalog
from personal_pipeline.services.build_document import ServicesFiles

ROUNDS = 5


def keep_services(catalog: Catalog, files: ServicesFiles, source: str) -> None:
    """Raises InvalidDocumentError for a file that is broken or too large: the services before it stay."""
    content, said = files.of(source)
    for _ in range(ROUNDS):
        catalog.replace_services(source, _services(said))
        written = content
        content, said = files.of(source)
        if content == written:
            return
    raise UnavailableError(f"source {source!r}: _services.yaml changed {ROUNDS} times while it was read: try again")


def _services(said: ServicesFile) -> list[Service]:
    """One without groups of its own belongs to those of its source."""
    of_source = said.folders.get("", ())
    return [replace(service, groups=service.groups or of_source) for service in dict.fromkeys(said.services.values())]
