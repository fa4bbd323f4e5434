"""Branches whose condition comes last: "Add consumers if needed." """

import re

from personal_pipeline.domain.extract.branch_shapes import Found
from personal_pipeline.domain.extract.branch_targets import END, IF, at, depth, says_what_to_do
from personal_pipeline.domain.extract.scene import Scene
from personal_pipeline.domain.extract.sentences import after_leads, begins_with_verb, instructs

_RELATIVE = re.compile(
    r"\b(?:even|as|what to do)$|\b(?:that|which|who|what) (?:would|could|can|will|may|might)\b[^,;]*$"
)
_SAYS_WHEN = re.compile(r"[ ,(](?:[Oo]nly )?(?:[Ii]f|[Uu]nless|[Ii]n case|[Ww]hen|[Ww]here|as)\b")
_TRAILING = re.compile(
    r"[ ,](?:only )?(if(?! any\b)|unless|in case)\s+(?:[^.:;?()]|[.:](?=\w)){3,}|[ ,]when\s+(?!you\b|we\b|"
    r"\w+ing\b)[^.:;?(),]{0,60}\b(?:not|never|"
    r"cannot|fails?|is full|is down|is missing|no longer)\b[^.:;?()]*|[ ,](?:if|when|where) (?:needed|necessary|"
    r"required|possible|applicable)\b",
    re.IGNORECASE,
)
_ASIDE = re.compile(r"\s\((if\s[^()\s]+\s[^()]{3,120})\)", re.IGNORECASE)
_NEW_CLAUSE = re.compile(r",\s(?:or\s(?=[a-z])|(?=(?:you|we)\s(?:can|should|must|need|have)\b))")
_CLAUSE_END = re.compile(r"[,;:]\s(?:then\s)?")
_ASKS = re.compile(
    r"\b(?:check|see|verify|determine|look|know|find out|investigate|confirm|decide|ask|understand|test|"
    r"tell|validate|ensure|make sure|watch|review|inspect|compare|wonder|evaluate|examine|identify|"
    r"say|note|consider)\b[^,;]{0,80}$|\b(?:find|establish|discover|learn)$",
    re.IGNORECASE,
)


def trailing(scene: Scene, place: int, start: int, end: int) -> Found | None:
    """ "Add consumers if needed." Not "Check if …"."""
    text = scene.view(place).text
    sentence = text[start:end]
    if (
        not _SAYS_WHEN.search(sentence)
        or sentence.lower().startswith("for example")
        or IF.match(sentence)
        or not instructs(sentence)
    ):
        return None
    for found in _TRAILING.finditer(sentence):
        before = sentence[: found.start()]
        if (
            depth(sentence, found.start())
            or _is_asked(before, found[0])
            or _RELATIVE.search(before)
            or not says_what_to_do(before + " it")
        ):
            continue
        comma = re.search(r",\s", found[0][2:])
        stop = found.end() if comma is None or found[1] is None else found.start() + 2 + comma.start()
        return at(
            scene,
            place,
            start + found.start() + 1,
            start + len(sentence[:stop].rstrip(END)),
            (start + max((cut.end() for cut in _NEW_CLAUSE.finditer(before)), default=0), start + found.start()),
        )
    if (aside := _ASIDE.search(sentence)) is None:
        return None
    clause = max((cut.end() for cut in _CLAUSE_END.finditer(sentence, 0, aside.start())), default=0)
    if not begins_with_verb(after_leads(sentence[clause:])):
        return None
    return at(scene, place, start + aside.start(1), start + aside.end(1), (start + clause, start + aside.start()))


def _is_asked(before: str, condition: str) -> bool:
    """ "Check if …", "ask whether …"; not "check and upgrade if …" and "ask the porter if you are lost"."""
    last = before.rpartition(" and ")[2]
    asks = _ASKS.search(last if begins_with_verb(last) else before)
    return asks is not None and not (
        asks[0].lower().startswith("ask") and condition.lower().lstrip().startswith("if you ")
    )
