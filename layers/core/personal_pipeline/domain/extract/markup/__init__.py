"""What each markup is made of: its readers turn a text into the units of ``units``."""

from collections.abc import Callable

from personal_pipeline.domain.extract.markup import asciidoc, hypertext, markdown, plain, restructured
from personal_pipeline.domain.extract.markup.units import Reader

READERS: dict[str, Callable[[str, int], Reader]] = {
    "markdown": markdown.read,
    "asciidoc": asciidoc.read,
    "restructuredtext": restructured.read,
    "html": hypertext.read,
    "text": plain.read,
}
