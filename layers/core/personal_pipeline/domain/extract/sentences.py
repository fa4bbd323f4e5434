"""Sentences of a view, and which of them tell the reader to do something."""

import re
from functools import lru_cache

from personal_pipeline.domain.extract.view import CODE
from personal_pipeline.domain.extract.words import NOUNS_TOO, PARTICLES, VERBS

LONGEST_SENTENCE = 2000  # characters; rules that look at each comma leave longer ones out
_REMEMBERED = 4096  # of the latest texts: rule after rule goes over the whole document and asks the same of a sentence
_END = re.compile(r"[.!?][)\"'”’]{0,3}(?=\s+[A-Z0-9\ue001\"“'(\[<+#*`$~-]|\s*$|\s+\S+[-_]\S)")
_SHORT = re.compile(
    r"(?:\b(?i:e\.?g|i\.?e|etc|vs|cf|approx|incl|resp|nr|ext|tel|no|fig|dr|mr|ms)|\b[A-Z]|"
    r"^\W*\d{1,2})\.$"
)
_LEAD = re.compile(
    r"(?:(?:then|first|firstly|second|secondly|third|next|also|now|finally|lastly|please|afterwards?|"
    r"additionally|alternatively|instead|otherwise|"
    r"again|once again|meanwhile|so|and|or|but|only then|at the same time|if so|if not|if yes|if no|"
    r"optionally|carefully|manually|simply|just|always|"
    r"failing that|if all else fails|immediately|generally|usually|probably|either|in short|as a last resort|in "
    r"addition|after that|"
    r"before that|at least|at once|in parallel|"
    r"gently|only|please|(?!(?:app|rep|re|supp|comp)ly)[a-z]{3,12}ly)[,:]?\s+|(?:verify|note(?: \d+)?|step \d{1,2}|tip|"
    r"optional|action|fix|solution|"
    r"remedy|do this|to do|check|workaround|verification):\s+)+",
    re.IGNORECASE,
)
_CLAUSE = re.compile(
    r"(?:if|when|whenever|once|after|before|unless|until|while|to|in|on|for|from|with|without|where|"
    r"under|depending|should|as soon as|as|at|by|"
    r"because|since|using|only when|only if|instead of|given|through|due to|per|during|until this is|"
    r"via|otherwise)\b[^,:;]{1,200}[,:]\s+(?:then\s+)?|(?:if|when|once|after)\b[^,:;]{1,200}?\sthen\s+|"
    r"in (?:\w+ ){1,3}(?:cases?|situations?|scenarios?)\s+|where \w+\s+",
    re.IGNORECASE,
)
_WORD = re.compile(r"[A-Za-z][A-Za-z-]*+(?!\d)")
_MODAL = re.compile(
    r"(?<!when )(?<!where )(?<!that )(?<!which )(?<!whether )(?<!if )(?<!\bso )\b(?:(?:you|we|they|the "
    r"(?:operator|engineer|user|"
    r"on-call))(?:'ll)?(?: either)?(?: will)? (?:can|could|should|must|may|might|need to|have to|want "
    r"to|will need to|will have to)"
    r"(?: now| also| then| either| just| instead| always| simply| first| even| try| safely)* (?!not\b|"
    r"be (?:able|paged|alerted)|be\b|experience\b|encounter\b|setup\b|see\b|notice\b|discover\b|assume\b|think\b|"
    r"get\b|find\b|"
    r"expect\b|know:|have (?:been|also)\b|also have\b|only\b.*\bbe\b)[\w\ue001]"
    r"|\b(?:you|we) can (?:also |then )?get\b|\bso (?:you|we) (?:should|must|(?:may |might )?(?:need|have) to) "
    r"\w+|\bwe recommend (?:that|to|\w+ing)\b"
    r"|(?:you'll|you will|we) (?:need|have) to (?!know:)\w+|it(?:'s| is) (?:\w+ )?(?:recommended|advised|"
    r"advisable|also possible|safe|best|better|easiest|required|necessary|worth|enough|sufficient|important|"
    r"okay|ok)(?: \w+)? (?:to (?!keep in mind|note)|that you)\b|it may be (?:best|better|necessary|worth) to\b|"
    r"\bit (?:could|may|might) be that you need to\b|\b(?:it|this) (?:may|might) (?:require|need)\b|"
    r"\b(?:is|be|it's) worth (?!noting|mentioning|highlighting|remembering)\w+ing\b|"
    r"\b(?:another|the (?:only|best|easiest|simplest|quickest)) (?:way|option|fix|solution) (?:\w+ ){0,4}?is to\b"
    r"|(?<!and )(?<!to )(?<!will )(?:make|making) sure\b|(?<!and )(?<!to )(?<!will )\bensure (?:that|to|the|you|"
    r"your|it|all|no|there)\b"
    r"|(?:\bmust|needs? to|has to|have to) (?:also |then |first |either )?be (?:(?!able|used|found|"
    r"seen|due|caused|related|paged|notified|viewed|aware|contacted|lost|called|the|a|an|in|on|no|at|"
    r"more|less)\w+(?:ed|en|wn|lt|un|ut|et|one|ade|ept|eld)\b)"
    r"|can be (?:achieved|done|fixed|solved|resolved|mitigated) (?:by|with|using|via|through)\b|\bbe "
    r"sure to\b|\bplease (?!note|see|refer|be|find|check the doc)\w+|investigation is (?:required|"
    r"needed)|\byou(?:'d)? (?:want|would want|better)\b|\bfeel free to\b|\bremember to\b|\bdon't "
    r"forget to\b|\bhelps? (?::\)|to \w+)"
    r"|\bhelps? :\)|(?:usually |often |sometimes )(?:\w+ ){0,4}(?:solves|fixes|resolves|helps)\b|will "
    r"need to (?!be\b)\w+)",
)
# Sought in lower case. Each alternative of _MODAL holds one of these: looking for them first saves most of its time.
_MODAL_WORDS = (
    "can", "could", "should", "must", "may", "might", "need", "have to", "has to", "want", "better", "it is", "it's",
    "sure", "please", "investigation", "free to", "remember", "forget", "help", "solves", "fixes", "resolves",
    "recommend", "way", "option",
)  # fmt: skip
_FORBIDDEN = re.compile(
    r"(?:what\b|why\b|how (?!many|much)|who\b|consider the following|do not|don't|never\b|avoid|not\b|"
    r"no\b|nobody|nothing|beware|caution|please note|note that|(?:keep|bear) in mind|remember that|be aware|"
    r"do (?:you|they|we|these|those|all)\b)",
    re.IGNORECASE,
)
_ONLY_READING = re.compile(
    r"(?:see|refer to|read|check|consult|find|view|look at|have a look at|"
    r"take a look at|check out|learn)\b(?:(?!\bthen\b).){0,160}?"
    r"(?<!logs )(?<!log )(?<!status )(?<!output )\b(?:for (?:more|further|detailed|details|additional|an? (?:\w+ "
    r")?(?:overview|explanation|list|full)|the "
    r"(?:official|full)|information|help|instructions|how)|(?<=learn )how\b|more (?:information|details|info|detail|"
    r"about|on)|for details|documentation\b|docs?\b|to learn|reference\b)",
    re.IGNORECASE,
)
_ANNOUNCES = re.compile(
    r"(?:please )?(?:follow|perform|do|take|complete) (?:the )?(?:following|below|these|next|"
    r"steps below|instructions below) ?(?:steps|instructions|procedure|actions)?\b.{0,60}:\s*$|"
    r"use (?:the )?(?:following|below|these) (?:steps|instructions|procedure)\b.{0,60}:\s*$|"
    r"follow (?:(?:these|the following|the below) (?:steps|instructions)|(?:the )?(?:steps|instructions) below)"
    r"(?:,? to\b[^,:;]{0,90})?[.:]?\s*$",
    re.IGNORECASE,
)
_NEW_VERB = re.compile(r"([^:,;]{3,90}), (?=[a-z]{3,12} (?:the|them|your|this|that|an?|\ue001)(?!\w))")
_BUSY = re.compile(r"\b(?:to|will|can|which|that|and|or)\b")
_LONGEST_PLACE = 120  # characters before the main clause
_SHORTEST_CONDITION = 3  # words
_WHERE = re.compile(
    r"(?:in|from|on|at|under|inside|within|next to|(if|when|once|after)) (?!order\b|addition\b|general\b|case\b)",
    re.IGNORECASE,
)
_THEN_VERB = re.compile(r"\s([a-z]+)(?=\s(?:the|your|an?|this|these|all|any|for)\s)")
_HELD = re.compile(
    r"\b(?:to|you|we|they|it|and|or|not|be|can|cannot|will|would|could|may|might|must|should|that|which|who|do|does|did|"
    r"also|now|"
    r"automatically|but|already)\s+$|"
    r"n't\s+$|[,:;]"
)
_PREDICATE = re.compile(r"\b(?:can|will|would|could|may|must|should|that|which|is|are|has|have)\b")
_IT_WILL = re.compile(r"(?:it|this|that|they|the [\w -]{2,30}?) (?:will|would)\b[^:;]*$", re.IGNORECASE)
_MOSTLY_NOUNS = frozenset(["document", "head", "order", "process", "reference", "shell", "step"])
_FOR_MORE = re.compile(
    r"\W*for (?:more|further|additional|detailed) (?:information|details?|info|help)\b", re.IGNORECASE
)
_MAY = re.compile(r"(?:you|we) (?:can|could|may|might|should) (?:also )?(?=learn|read|refer|see)", re.IGNORECASE)
_SEE = re.compile(r"(?:also |please |then )?(?:see|refer to)\b", re.IGNORECASE)
_OBJECT = re.compile(
    r"\s+(?:the|an?|that|if|whether|which|what|how|your|all|any|it|its|them|this|these|those|each|"
    r"every|up|down|out|off|back|over|into|one|another|more)\b"
)
_NOT_VERB_AFTER = re.compile(r"(?:-|/|\s*:\s|\s+(?:" + PARTICLES.pattern + "))", re.IGNORECASE)


@lru_cache(maxsize=_REMEMBERED)
def sentences(text: str) -> tuple[tuple[int, int], ...]:
    """Start and end of each, without the space between them."""
    start, stop = 0, len(text.rstrip())
    found: list[tuple[int, int]] = []
    for end in _END.finditer(text):
        if _SHORT.search(text, max(start, end.start() - 12), end.start() + 1) and end.end() < stop:
            continue
        found.append(_trimmed(text, start, end.end()))
        start = end.end()
    if text[start:].strip():
        found.append(_trimmed(text, start, len(text)))
    return tuple(found)


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    inner = text[start:end]
    return start + len(inner) - len(inner.lstrip()), end - (len(inner) - len(inner.rstrip()))


@lru_cache(maxsize=_REMEMBERED)
def after_leads(text: str) -> str:
    """The main clause: without "Then", "If …," and "To see …," before it."""
    text = text.lstrip(" (\"'“*_-–>")
    for _ in range(4):
        before = len(text)
        if lead := _LEAD.match(text):
            text = text[lead.end() :]
        if (clause := _CLAUSE.match(text)) and clause.end() < len(text):
            text = text[clause.end() :]
        if len(text) == before:
            break
    if opening := _WHERE.match(text):
        text = text[_first_verb(text, is_condition=bool(opening[1])) :]
    return text.lstrip(" (\"'“*_")


def _first_verb(text: str, *, is_condition: bool) -> int:
    """Where the main clause begins that no comma sets off: "In the console choose the cluster"."""
    for found in _THEN_VERB.finditer(text, 0, _LONGEST_PLACE):
        before = text[: found.start(1)]
        if found[1] not in VERBS or (is_condition and found[1] in NOUNS_TOO) or _HELD.search(before):
            continue
        if len(before.split()) > _SHORTEST_CONDITION if is_condition else not _PREDICATE.search(before):
            return found.start(1)
    return 0


@lru_cache(maxsize=_REMEMBERED)
def begins_with_verb(text: str) -> bool:
    found = _WORD.match(text)
    if not found:
        return False
    word = found[0].lower()
    rest = text[found.end() :]
    if word.startswith("re") and word not in NOUNS_TOO and word[2:].lstrip("-") in VERBS:
        return not re.match(r"\s+(?:is|are|was|were|has|had|will)\b", rest)
    if word in NOUNS_TOO:
        if _NOT_VERB_AFTER.match(rest) or not rest.strip(" .:"):
            return False
        if _OBJECT.match(rest) or word in ("check", "run", "test"):
            return True
        if word in _MOSTLY_NOUNS:
            return False
        is_named = re.match(
            r"\s+(?:(?!(?:if|that|which|when|while|whether|and|until|because)\b)\w+\s){0,4}(?:is|are|was|were|has|"
            r"have|can|cannot|could|will)\b",
            rest,
        )
        return not (word in ("access", "reference") and rest.startswith(" to")) and not is_named
    if word in VERBS:
        return not re.match(
            r"-(?!\w+ly)|/|\s+(?:is|are|was|were|has|had|will|can|cannot|may|might|could|should|must|would)\b|"
            r"'s\b",
            rest,
        )
    return False


def is_prohibition(text: str) -> bool:
    return _FORBIDDEN.match(text.lstrip(" (\"'“*_")) is not None


@lru_cache(maxsize=_REMEMBERED)
def only_points(text: str) -> bool:
    """ "See X for more": nothing to do."""
    main = after_leads(text)
    if _ANNOUNCES.match(main) or _FOR_MORE.match(text):
        return True
    main = _MAY.sub("", main, count=1)
    return (
        _SEE.match(main) is not None and not re.search(r"\bsee (?:which|what|if|whether|how|that)\b", main[:30])
    ) or (_ONLY_READING.match(main) is not None and not main.lower().startswith("check if"))


@lru_cache(maxsize=_REMEMBERED)
def instructs(text: str) -> bool:
    """Whether a sentence tells, advises or allows the reader to do something."""
    main = after_leads(text)
    if is_prohibition(text) or is_prohibition(main) or only_points(text):
        return False
    return begins_with_verb(main) or _advises(text) or _second_clause(main)


def _advises(text: str) -> bool:
    lowered = text.lower()
    return any(word in lowered for word in _MODAL_WORDS) and _MODAL.search(lowered) is not None


def _second_clause(main: str) -> bool:
    """ ", so authenticate via the URL", "; investigate immediately", ", inspect the dashboard"."""
    if (found := _NEW_VERB.match(main)) and not _BUSY.search(found[1]):
        rest = main[found.end() :]
        if begins_with_verb(rest) and not is_prohibition(rest) and not only_points(rest):
            return True
    if _IT_WILL.match(main):
        return False
    for found in re.finditer(r"(?:[;,] (?:so|then|and then)|;| [–—-]{1,2}|^[^:,.;]{2,90}:)\s+", main[:600]):
        rest = main[found.end() :]
        rest = after_leads(rest) if rest.startswith(("If ", "When ")) else rest
        word = _WORD.match(rest)
        if (
            word
            and begins_with_verb(rest)
            and word[0].islower()
            and not re.match(r"(?:go|step) ", rest)
            and not is_prohibition(rest)
            and not only_points(rest)
        ):
            return True
    return False


def trimmed_end(text: str, start: int, end: int) -> int:
    """Without "- see …" and without what comes after a semicolon and does not instruct."""
    said = text[start:end]
    if found := re.search(r"\s[-–—]\s+(?:see|refer)\b", said):
        end = start + found.start()
    for found in re.finditer(r";\s", said):
        if (
            instructs(said[: found.start()])
            and not instructs(said[found.end() :])
            and not re.match(r"\W*(?:then|and)\b", said[found.end() :])
        ):
            return min(end, start + found.start())
    return end


def is_question(text: str) -> bool:
    return text.rstrip().endswith("?")


def is_only_code(text: str) -> bool:
    return CODE in text and not text.replace(CODE, "").strip(" .:;,")
