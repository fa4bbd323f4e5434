"""How each route is asked about a word or a document that its caller may not know of, by the routes of the API."""

import random
from collections.abc import Callable

from tests.functions.test_alerts import BEARER, payload
from tests.property.asking_agents import agent
from tests.property.permissions import Request, SecretDocument, Universe

Asks = Callable[[Universe], Request]
_FILTERS = ("service", "source", "owner", "type", "severity")


def a_word(universe: Universe) -> str:
    """A secret word, whole, its beginning, with a slip, or with others; or one that every document has."""
    dice, document = universe.random, a_document(universe)
    word = dice.choice(list(document.words.values()))
    place = dice.randrange(1, len(word) - 2)
    slip = word[:place] + word[place + 1] + word[place] + word[place + 2 :]
    other = dice.choice(list(a_document(universe).words.values()))
    every = ["broken", "escalation channel", "kubectl", "alarm", "page"]
    return dice.choice([word, word[:4], slip, f"{word} broken", f"{word} {other}", document.fired, *every])


def a_document(universe: Universe) -> SecretDocument:
    return universe.random.choice(universe.documents)


def _some(dice: random.Random, values: dict[str, object], share: float = 0.3) -> dict[str, object]:
    return {name: value for name, value in values.items() if dice.random() < share}


def _filters(universe: Universe, *names: str) -> dict[str, object]:
    document = a_document(universe)
    source = document.key.partition("/")[0]
    values = {
        "service": document.words["service"],
        "owner": document.words["owner"],
        "source": source,
        "type": "runbook",
        "severity": "critical",
    }
    return _some(universe.random, {name: values[name] for name in names}, 0.15)


def _question(universe: Universe) -> dict[str, object]:
    """Often one that somebody else has just asked: its answer is kept."""
    dice = universe.random
    if universe.asked and dice.random() < 0.5:
        return dice.choice(universe.asked[-4:])
    question: dict[str, object] = {"q": a_word(universe), "limit": dice.choice([1, 2, 10, 50])}
    question |= _filters(universe, "service", "source", "type", "severity")
    universe.asked.append(question)
    return question


def search(universe: Universe) -> Request:
    query = _question(universe) | _some(universe.random, {"cursor": "1"}, 0.1)
    return Request("search", "GET", "/v1/search", query)


def long_search(universe: Universe) -> Request:
    return Request("search", "POST", "/v1/search", body=_question(universe))


def batch(universe: Universe) -> Request:
    queries = [_question(universe) for _ in range(universe.random.randint(1, 4))]
    return Request("search", "POST", "/v1/search/batch", body={"queries": queries})


def suggest(universe: Universe) -> Request:
    return Request("search", "GET", "/v1/suggest", {"q": a_word(universe), "limit": 20})


def documents(universe: Universe) -> Request:
    dice = universe.random
    query = _filters(universe, "service", "source", "owner") | {"limit": dice.choice([1, 2, 50])}
    query |= _some(dice, {"stale": dice.choice(["true", "false", "unknown"]), "fields": "title,path"})
    return Request("search", "GET", "/v1/documents", query)


def of_document(part: str = "", **query: str) -> Asks:
    def ask(universe: Universe) -> Request:
        path = f"/v1/documents/{a_document(universe).doc_id}{part}"
        return Request("search", "GET", path, _some(universe.random, dict(query)))

    return ask


def plain(path: str) -> Asks:
    return lambda _: Request("search", "GET", path)


def alerts(universe: Universe) -> Request:
    number = universe.random.randrange(len(universe.documents))
    one: dict[str, object] = {"source": "alertmanager", "fingerprint": f"f{number}"}
    return Request("search", "GET", "/v1/alerts", universe.random.choice([one, {"limit": 3}, {"limit": 100}]))


def alert(universe: Universe) -> Request:
    number = universe.random.randrange(len(universe.documents))
    page = universe.ask(
        Request("search", "GET", "/v1/alerts", {"source": "alertmanager", "fingerprint": f"f{number}"}), ()
    )
    return Request("search", "GET", f"/v1/alerts/{page.json['alerts'][0]['id']}")


def feedback(universe: Universe) -> Request:
    document, dice = a_document(universe), universe.random
    said = {"alert": document.fired, "id": document.doc_id, "helpful": dice.choice([True, False, None])}
    headers = {"idempotency-key": f"k{dice.randrange(20)}"} if dice.random() < 0.5 else {}
    return Request("search", "POST", "/v1/feedback", body=said, headers=headers)


def webhook(universe: Universe) -> Request:
    body = payload(labels={"alertname": a_document(universe).fired}, fingerprint="f-more")
    headers = {"authorization": universe.random.choice([BEARER, "Bearer no"])}
    return Request("alert_intake", "POST", "/v1/alerts/alertmanager", body=body, headers=headers)


def click(universe: Universe) -> Request:
    return Request("slack", "POST", "/v1/slack/interactions", body=f"payload={a_document(universe).doc_id}")


ASKED: dict[str, Asks] = {
    "GET /v1/search": search,
    "POST /v1/search": long_search,
    "POST /v1/search/batch": batch,
    "GET /v1/suggest": suggest,
    "GET /v1/documents": documents,
    "GET /v1/documents/{id}": of_document(fields="title,text"),
    "GET /v1/documents/{id}/procedure": of_document("/procedure", step="1", section="Escalation"),
    "GET /v1/documents/{id}/decision-tree": of_document("/decision-tree", format="mermaid"),
    "GET /v1/documents/{id}/escalation": of_document("/escalation", severity="SEV1", at="5"),
    "GET /v1/documents/{id}/text": of_document("/text", section="Escalation"),
    "GET /v1/sources": plain("/v1/sources"),
    "GET /v1/coverage": plain("/v1/coverage"),
    "GET /v1/alerts": alerts,
    "GET /v1/alerts/{id}": alert,
    "POST /v1/feedback": feedback,
    "POST /v1/alerts/{source}": webhook,
    "POST /v1/slack/interactions": click,
    "ANY /mcp": agent,
    "GET /v1/health": plain("/v1/health"),
    "GET /v1/openapi.json": plain("/v1/openapi.json"),
}
