"""HTML from parts: what is not ``Html`` already is somebody else's text, and is escaped."""

from collections.abc import Iterable, Sequence
from html import escape

from infra.cli.terminal import visible


class Html(str):
    """Markup that was made here."""

    __slots__ = ()


def safe(text: object) -> Html:
    """Escaped, and without marks that hide or reorder text."""
    return text if isinstance(text, Html) else Html(escape(visible(text)))


def element(name: str, *children: object, **attributes: object) -> Html:
    """``class_`` is written ``class``, ``_`` in other names ``-``."""
    written = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{safe(value)}"' for key, value in attributes.items() if value != ""
    )
    return Html(f"<{name}{written}>{''.join(map(safe, children))}</{name}>")


def table(rows: Iterable[Sequence[object]], class_: str = "") -> Html:
    """The first row is the head."""
    head, *body = rows
    return element(
        "div",
        element(
            "table",
            element("thead", element("tr", *(element("th", cell) for cell in head))),
            element("tbody", *(element("tr", *(element("td", cell) for cell in row)) for row in body)),
            class_=class_,
        ),
        class_="wide",
    )
