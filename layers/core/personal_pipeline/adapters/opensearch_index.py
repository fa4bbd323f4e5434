"""The search index in OpenSearch: searched through an alias, written through another that carries the version.

OpenSearch answers 200 for half an answer (``timed_out``, failed shards): here that is no answer. A search is
one attempt under a short timeout, because the caller has better rungs than a second attempt. Deletes are
tombstones under an external version, which OpenSearch would forget a minute after a real delete.
"""

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from threading import Lock
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import urlsplit

from urllib3 import Timeout

from personal_pipeline.adapters import opensearch_words
from personal_pipeline.adapters.opensearch_requests import (
    bulks,
    conditions,
    counted,
    frequencies,
    index_settings,
    mappings,
    outcome,
    search_bodies,
)
from personal_pipeline.domain.errors import IndexUnavailableError
from personal_pipeline.domain.ids import MAX_PASSAGES
from personal_pipeline.domain.index_fields import candidate, encodable, index_name, named_document, newest_only
from personal_pipeline.domain.search import (
    CallerScope,
    Candidate,
    Candidates,
    ChangeOutcome,
    PassageChange,
    SearchFilters,
    SearchRequest,
)
from personal_pipeline.domain.suggestions import NamedDocument, Typed
from personal_pipeline.domain.vectors import EmbeddingSpace

if TYPE_CHECKING:
    from opensearchpy import OpenSearch

LOOK_AGAIN_AFTER = timedelta(seconds=30)
FILLED = 0.98  # of what the old version holds: some of it may be deleted meanwhile
_LIVE = {"query": {"term": {"deleted": False}}}
POOL_SIZE = 10  # the library's own is one connection: every further thread would open TLS anew


class OpenSearchIndex:
    """The client is built at the first call: importing it costs 140 ms."""

    def __init__(
        self,
        url: str,
        alias: str = "passages",
        *,
        space: EmbeddingSpace | None = None,
        auth: Literal["sigv4", "none"] = "none",
        timeout_seconds: float = 0.4,
        connect_timeout_seconds: float = 1.0,
        write_timeout_seconds: float = 5.0,
        refresh_interval: str = "1s",
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._url = url
        self._host = urlsplit(url).netloc.rpartition("@")[2]
        self._alias = alias
        self._space = space
        self._name = index_name(alias, space)
        self._write_alias = f"{self._name}-write"
        self._auth = auth
        self._timeout_seconds = timeout_seconds
        self._connect_timeout_seconds = connect_timeout_seconds
        self._write_timeout_seconds = write_timeout_seconds
        self._refresh_interval = refresh_interval
        self._now = now
        self._is_filling = False
        self._served: bool | None = None
        self._served_at = datetime.min.replace(tzinfo=UTC)
        self._built: OpenSearch | None = None
        self._building = Lock()

    def prepare(self) -> None:
        """Create the index of this version. An alias that serves an older version stays where it is.

        Writes go to the new version from then on, ``count() == 0`` tells the caller to fill it, and once it holds as
        much as the old one (``apply`` looks), the alias moves.
        """
        params = self._within(self._write_timeout_seconds)
        with self._asking("create the index") as client:
            if client.indices.exists_alias(name=self._write_alias, params=params):
                self._is_filling = not client.indices.exists_alias(index=self._name, name=self._alias, params=params)
                return
            is_first = not client.indices.exists_alias(name=self._alias, params=params)
            self._is_filling = not is_first
            body = {
                "settings": {"index": index_settings(self._refresh_interval, self._space)},
                "mappings": mappings(self._space),
                "aliases": {name: {} for name in (self._write_alias, self._alias)[: 1 + is_first]},
            }
            answer = client.indices.create(index=self._name, body=body, params=params, ignore=400)
            error = answer.get("error", {}).get("type")
            if error not in {None, "resource_already_exists_exception"}:  # another process may have been faster
                raise self._unavailable("create the index", f"{error}: {answer['error'].get('reason')}")

    def apply(self, changes: Sequence[PassageChange]) -> list[ChangeOutcome]:
        # Without an alias to go to, a bulk would create an index with guessed fields.
        params = self._within(self._write_timeout_seconds) | {"refresh": "wait_for", "require_alias": "true"}
        outcomes: list[ChangeOutcome] = []
        if self._is_filling:
            self._move_alias_when_filled()
        for batch, body in bulks(changes, self._now(), self._space is not None):
            with self._asking("write") as client:
                items = client.bulk(index=self._write_alias, body=body, params=params)["items"]
                outcomes += [outcome(change, item["index"]) for change, item in zip(batch, items, strict=True)]
        return outcomes

    def search(self, request: SearchRequest) -> Candidates:
        if not (request.terms or request.vector) or not request.scope.groups or request.limit < 1:
            return Candidates()
        with self._asking("search") as client:
            bodies = search_bodies(request, self._space is not None and self._serves(client))
            if not bodies:
                return Candidates()
            answers = self._answers(client, self._alias, bodies, self._timeout_seconds)
            passages: dict[str, Candidate] = {}
            counts, total = frequencies(answers[0]) if request.terms else ({}, 0)
            if request.terms:
                by_text = answers.pop(0)["hits"]["hits"]
                passages = {hit["_id"]: candidate(hit["_source"], hit["_score"]) for hit in by_text}
            for hit in answers[0]["hits"]["hits"] if answers else ():
                cosine = _cosine(hit["_score"])
                known = passages.get(hit["_id"])
                near = replace(known, similarity=cosine) if known else candidate(hit["_source"], 0.0, cosine)
                passages[hit["_id"]] = near
            return Candidates(tuple(newest_only(passages.values())), counts, total)

    def frequencies(self, terms: Sequence[str]) -> dict[str, int]:
        with self._asking("count words") as client:
            asked = {"size": 0, "aggs": counted(terms)}
            return frequencies(self._answers(client, self._alias, [asked], self._timeout_seconds)[0])[0]

    def corrections(
        self, terms: Sequence[str], filters: SearchFilters, scope: CallerScope
    ) -> dict[str, tuple[str, ...]]:
        if not terms or not scope.groups:
            return {}
        with self._asking("correct words") as client:
            if not self._serves(client):  # version 1 does not know which words there are
                return {}
            asked = opensearch_words.suggestions(terms)
            suggested = self._answers(client, self._alias, [asked], self._timeout_seconds)[0]
            options = opensearch_words.options(terms, suggested)
            if not options:
                return {}
            words = sorted({word for of_one in options.values() for word in of_one})
            asked = opensearch_words.standing_in(words, conditions(filters, scope))
            counted = self._answers(client, self._alias, [asked], self._timeout_seconds)[0]
            return opensearch_words.told(options, counted)

    def named(self, typed: Typed, scope: CallerScope) -> list[NamedDocument]:
        if not scope.groups:
            return []
        with self._asking("suggest names") as client:
            asked = opensearch_words.named(typed, conditions(SearchFilters(), scope))
            hits = self._hits(client, self._alias, asked, self._timeout_seconds)
            return [named_document(hit["_source"]) for hit in hits]

    def revisions(self, doc_id: str) -> dict[int, int]:
        live = [{"term": {"doc_id": encodable(doc_id)}}, {"term": {"deleted": False}}]
        body = {"size": MAX_PASSAGES, "_source": ["ordinal", "rev"], "query": {"bool": {"filter": live}}}
        with self._asking("list revisions") as client:
            hits = self._hits(client, self._write_alias, body, self._write_timeout_seconds)
            return {hit["_source"]["ordinal"]: hit["_source"]["rev"] for hit in hits}

    def count(self) -> int:
        params = self._within(self._write_timeout_seconds)
        with self._asking("count") as client:
            return int(client.count(index=self._write_alias, body=_LIVE, params=params)["count"])

    def _hits(self, client: "OpenSearch", index: str, body: dict[str, Any], timeout_seconds: float) -> list[Any]:
        hits: list[Any] = self._answers(client, index, [body], timeout_seconds)[0]["hits"]["hits"]
        return hits

    def _answers(
        self, client: "OpenSearch", index: str, bodies: Sequence[dict[str, Any]], timeout_seconds: float
    ) -> list[dict[str, Any]]:
        """The one place that searches. Half an answer is refused: the missing shard may hold the runbook."""
        gives_up_after = f"{int(timeout_seconds * 750)}ms"  # before we do, or it works on for nobody
        limits = {"timeout": gives_up_after, "track_total_hits": False}
        header = {"allow_partial_search_results": False}
        lines = [line for body in bodies for line in (header, body | limits)]
        answers: list[dict[str, Any]] = client.msearch(body=lines, index=index, params=self._within(timeout_seconds))[
            "responses"
        ]
        for answer in answers:
            if error := answer.get("error"):
                raise self._unavailable("search", f"{error['type']}: {error['reason']}", answer["status"])
            if answer["timed_out"] or answer["_shards"]["failed"]:
                raise self._unavailable("search", "it gave half an answer, timed out or with failed shards")
        return answers

    # ── Moving to another version ──────────────────────────────────────────

    def _serves(self, client: "OpenSearch") -> bool:
        """Whether the alias leads to our own version, as of half a minute ago. Another has other vectors, or none."""
        now = self._now()
        if self._served is None or now - self._served_at > LOOK_AGAIN_AFTER:
            params = self._within(self._timeout_seconds)
            self._served = client.indices.exists_alias(index=self._name, name=self._alias, params=params)
            self._served_at = now
        return self._served

    def _move_alias_when_filled(self) -> None:
        with self._asking("move the alias") as client:
            params = self._within(self._write_timeout_seconds)
            old, new = (
                client.count(index=index, body=_LIVE, params=params | {"ignore_unavailable": "true"})["count"]
                for index in (self._alias, self._write_alias)
            )
            if new < FILLED * old:
                return
            leads_to = client.indices.get_alias(name=self._alias, params=params)
            away = [{"remove": {"index": name, "alias": self._alias}} for name in leads_to if name != self._name]
            here = {"add": {"index": self._name, "alias": self._alias}}
            client.indices.update_aliases(body={"actions": [*away, here]}, params=params)
            self._is_filling, self._served = False, None

    # ── The client ───────────────────────────────────────────────────────────

    def _within(self, seconds: float) -> dict[str, Any]:
        return {"request_timeout": Timeout(connect=self._connect_timeout_seconds, read=seconds)}

    @contextmanager
    def _asking(self, action: str) -> Iterator["OpenSearch"]:
        client = self._client()
        from opensearchpy.exceptions import OpenSearchException, TransportError

        try:
            yield client
        except TransportError as error:
            raise self._unavailable(action, str(error), error.status_code) from error
        except (OpenSearchException, LookupError, TypeError, ValueError) as error:
            raise self._unavailable(action, f"that is no answer of OpenSearch ({error!r})") from error

    def _unavailable(self, action: str, reason: str, status: int | str = "") -> IndexUnavailableError:
        advice = _ADVICE.get(status, "look at OPENSEARCH_URL and at the health of the node")
        return IndexUnavailableError(
            f"OpenSearch at {self._host} did not {action}: {reason[:300]}. What to do: {advice}"
        )

    def _client(self) -> "OpenSearch":
        with self._building:
            if self._built is None:
                self._built = self._build()
        return self._built

    def _build(self) -> "OpenSearch":
        from opensearchpy import OpenSearch, Urllib3HttpConnection

        logging.getLogger("opensearch").setLevel(logging.ERROR)  # a failed request is our exception, told once
        return OpenSearch(
            hosts=[self._url],
            connection_class=Urllib3HttpConnection,
            http_auth=self._signer() if self._auth == "sigv4" else None,
            pool_maxsize=POOL_SIZE,
            max_retries=0,
            retry_on_timeout=False,
        )

    def _signer(self) -> Any:
        from botocore.session import Session
        from opensearchpy import Urllib3AWSV4SignerAuth

        session = Session()
        credentials, region = session.get_credentials(), session.get_config_variable("region")
        if not credentials or not region:
            raise IndexUnavailableError(
                f"requests to {self._host} cannot be signed, AWS credentials or region are missing: "
                "set them, or OPENSEARCH_AUTH=none for a node without authentication"
            )
        return Urllib3AWSV4SignerAuth(credentials, region, "es")


def _cosine(score: float) -> float:
    """Lucene's score of an inner product p is 1 + p, and 1 / (1 - p) where p is negative."""
    return score - 1 if score >= 1 else 1 - 1 / score


_ADVICE: dict[int | str, str] = {
    401: "look at OPENSEARCH_AUTH and at the credentials",
    403: "allow this role in the access policy of the domain, or look at OPENSEARCH_AUTH",
    404: "the index is missing, run `pp reindex`",
    429: "the node is overloaded, wait or give it more room",
}
