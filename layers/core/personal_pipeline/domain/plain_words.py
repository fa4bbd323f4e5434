"""The words of a step without the marks of Markdown: for messages and terminals that show none."""

import re

_MARKS = re.compile(
    r"(?P<ticks>``?)(?P<code>[^`]{1,1500})(?P=ticks)|!?\[(?P<link>[^\[\]]{0,200})\]\([^()\s]{0,500}\)|[*_]{2}|`"
    r"|(?<![\w*])\*(?=\w)|(?<=\w)\*(?![\w*])"
)


def plain_words(text: str) -> str:
    """What is code stays as it is, and so do placeholders such as ``<pod>``."""
    return _MARKS.sub(lambda found: found["code"] or found["link"] or "", text).strip()
