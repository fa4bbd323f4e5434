"""What to do in a case that is not said as an order: "the tank must be emptied", "more oil may be needed"."""

import re

_STATES = (  # what is seen, not done: "the lamp must be visible"
    r"(?:able|aware|available|ready|running|visible|shown|displayed|listed|resolved|seen|found|empty|healthy|"
    r"present|the|an?|in|on|at|no|more|less|due|caused|related|paged|notified|viewed|lost|called|expected|equal|"
    r"close|similar|identical|used|considered|noted|remembered)\b"
)
_SHOWS = (
    r"(?:not|never|be|see|have been|get|notice|expect|find|return|show|appear|look|contain|say|work|match|"
    r"always be)\b"
)
_ADVICE = (
    r"(?:you|we|they|one|it|the [\w\ue001 -]{2,40}?) (?:also |then |just |first |probably )*"
    rf"should (?!{_SHOWS})[a-z\ue001]",
    rf"(?<!n[’'])[\w\ue001-]{{1,40}} (?:must|needs? to|ha(?:s|ve) to) (?:also |then |first )?(?!{_SHOWS})[a-z\ue001]",
    rf"(?:must|needs? to|ha(?:s|ve) to|should)(?: \w+ly| also| then| first)? be (?!{_STATES})"
    r"\w+(?:ed|en|wn|lt|un|ut|et|nt|one|ade|ept|eld|ght)\b",
    r"(?:(?:will|may|might|could|would) (?:also |then )?be (?:\w+ly )?(?:required|needed|necessary)|"
    r"(?:is|are|be) (?:\w+ly )?(?:necessary|advisable|recommended))(?! (?:by|for|because|due|in order)\b)",
    r"(?:may|might|could|will) (?:also |then )?(?:need|require) (?!to\b|no\b)\w+",
    r"can (?:also |then |safely |simply )?be (?:removed|ignored|deleted|restarted|replaced|moved|changed|scaled|added|"
    r"disabled|enabled|increased|raised|lowered|reduced|set|given|used to|done by|cleared|retried|skipped|closed)\b",
    r"it(?:'s| is| may be| might be| can be| could be| would be) (?:(?!not)\w+ )?(?:fine|okay|ok|safe|best|better|"
    r"easier|easiest|important|useful|helpful|possible|preferable|wise|sensible|more \w+) "
    r"to (?!note|keep|remember|know|understand|see)\w+",
    r"(?:an?|the) (?:good |quick )?(?:first|next) (?:thing|step|place) [\w ]{0,30}\b(?:is|would be)\b",
    r"the (?:only|best|easiest|simplest|quickest|safest) (?:way|option|fix|solution) (?:may|might|could|would) be to\b",
)
_NEEDS = re.compile(rf"\b(?:{'|'.join(_ADVICE)})", re.IGNORECASE)
_NOT_TOLD = re.compile(
    r"n't\b|\b(?:(?:no|not|none|never|nothing|cannot|without|why)\b|(?:that|which|who) [^,;]{0,40}$|"
    r"(?:because|since|so that|means? that|in order) [^,;]{0,60}$)",
    re.IGNORECASE,
)


def recommends(clause: str) -> bool:
    """Whether the main clause of a condition says what has to be done, by whomever."""
    found = _NEEDS.search(clause)
    return found is not None and not _NOT_TOLD.search(clause[: found.start()])
