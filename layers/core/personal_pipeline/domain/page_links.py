"""Links from one page to another of the same source, and which page each may mean.

Pages link to files, as on a code host, or to addresses, as on the site that is made from them: there a page stands one
folder deeper than its file. Where a link may mean either, both count. What leads elsewhere is left alone.
"""

import posixpath
import re
from collections.abc import Iterable
from urllib.parse import unquote

from personal_pipeline.domain.catalog import AlertKey
from personal_pipeline.domain.parsing import format_of

MAX_LINKS = 50
MAX_CHARACTERS = 200
_ELSEWHERE = re.compile(r"[a-z][a-z0-9+.-]*:|[/#?]", re.IGNORECASE)  # a scheme, the host's root, this very page
_TEMPLATE = re.compile(r"[{}<>$]")


def pages_linked(targets: Iterable[str]) -> tuple[str, ...]:
    """Each once, without anchors: those that name a document, or have no ending."""
    found = dict.fromkeys(page for target in targets if (page := _page(target)))
    return tuple(found)[:MAX_LINKS]


def may_mean(path: str, link: str) -> frozenset[str]:
    """The addresses of the pages that a link on the page at ``path`` may mean; none if it leads out of the source."""
    folders = [posixpath.dirname(path)]
    if not posixpath.splitext(link)[1]:
        folders.append(posixpath.splitext(path)[0])
    meant = (posixpath.normpath(posixpath.join(folder, link)) for folder in folders)
    keys = (AlertKey.of("url", page) for page in meant if not page.startswith(".."))
    return frozenset(key.value for key in keys if key)


def _page(target: str) -> str:
    target = target.strip()
    if not target or len(target) > MAX_CHARACTERS or _ELSEWHERE.match(target) or _TEMPLATE.search(target):
        return ""
    page = unquote(re.split("[?#]", target, maxsplit=1)[0])
    name = posixpath.basename(page.rstrip("/"))
    return page if name and (format_of(f"source/{name}") or name == "..") else ""
