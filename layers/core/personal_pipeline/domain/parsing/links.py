"""How a link reads once its markup is gone."""


def with_target(text: str, target: str) -> str:
    """A web address is kept beside its text: the dashboard it leads to is why the link is there.

    Paths inside the source's own site lead nowhere from here, and other schemes are not followed.
    """
    text = text.strip()
    if not target.startswith(("https://", "http://")) or len(target) > 2000:
        return text
    if not text or _bare(text) == _bare(target):
        return target
    return f"{text} ({target})"


def _bare(address: str) -> str:
    return address.removeprefix("https://").removeprefix("http://").rstrip("/")
