"""The generator sends at its times, whatever comes back, and says of each answer what became of it."""

import threading
from collections.abc import Iterator

import pytest

from tests.performance import openloop
from tests.performance.answering import Answering, answering
from tests.performance.openloop import Outcome, Target, ask_all, play
from tests.performance.scenario import Op, Phase, Run
from tests.performance.workload.model import Request


@pytest.fixture
def server() -> Iterator[Answering]:
    with answering() as told:
        yield told


def run_of(seconds: float, clients: int | None = None) -> Run:
    return Run(phases=(Phase(name="a", seconds=seconds, rate=None if clients else 60, clients=clients),))


def asking(path: str, op: Op = "health", at: float = 0.0, **more: object) -> Request:
    return Request(at, "a", op, "POST" if "body" in more else "GET", path, **more)  # type: ignore[arg-type]


def sent(server: Answering, *asked: Request) -> Outcome:
    return play(Target(server.url, secret="s3", token="t0"), asked, run_of(1))


def test_every_request_is_sent_once_and_its_answer_kept(server: Answering) -> None:
    outcome = sent(server, *(asking(f"/{n}x", at=n / 100) for n in range(30)))

    assert sorted(path for _, path, _, _ in server.asked) == sorted(f"/{n}x" for n in range(30))
    assert len(outcome.samples) == outcome.offered["a"] == 30
    assert not any(one.error for one in outcome.samples)


def test_requests_go_out_while_earlier_ones_wait_for_their_answers(server: Answering) -> None:
    """All fifty arrive before the first is answered, and each waited from its own time on."""
    at_work = threading.Thread(target=_release_when, args=(server, 50), daemon=True)
    at_work.start()
    outcome = sent(server, *(asking("/wait", at=n / 50) for n in range(50)))
    at_work.join()

    first = min(outcome.samples, key=lambda one: one.at)
    assert len(outcome.samples) == 50
    assert not any(one.error for one in outcome.samples)
    assert first.latency_ms >= 900


def _release_when(server: Answering, count: int) -> None:
    for _ in range(3_000):
        if len(server.asked) >= count:
            break
        threading.Event().wait(0.01)
    server.released.set()


def test_latency_counts_from_the_time_a_request_should_have_been_sent(server: Answering) -> None:
    """The first request is a second late already: that second is the system's or the generator's, not nobody's."""
    outcome = sent(server, asking("/x", at=-1.0))

    (one,) = outcome.samples
    assert one.latency_ms == pytest.approx(one.service_ms + one.lateness_ms)
    assert one.lateness_ms >= 1_000


def test_too_many_at_once_are_dropped_and_counted(server: Answering, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(openloop, "MOST_IN_FLIGHT", 3)
    threading.Timer(1.0, server.released.set).start()
    outcome = sent(server, *(asking("/wait") for _ in range(10)))

    assert (len(outcome.samples), outcome.dropped["a"], outcome.offered["a"]) == (3, 7, 10)


@pytest.mark.parametrize(
    ("path", "op", "error"),
    [
        ("/500", "search", "status 500"),
        ("/404", "document", "status 404"),
        ("/429", "health", "status 429"),
        ("/nothing", "search", "body"),
        ("/deep", "search", "body"),
        ("/empty", "search", "body"),
        ("/empty", "document", "body"),
        ("/empty", "alert", ""),
        ("/x", "search", ""),
    ],
)
def test_what_is_wrong_with_an_answer_is_said_by_its_class(server: Answering, path: str, op: Op, error: str) -> None:
    (one,) = sent(server, asking(path, op)).samples

    assert one.error == error


def test_a_system_that_is_not_there_is_an_error_of_each_request() -> None:
    with answering() as gone:
        url = gone.url
    outcome = play(Target(url), [asking("/x"), asking("/y")], run_of(1))

    assert [one.error for one in outcome.samples] == ["connection", "connection"]


def test_an_answer_that_never_comes_ends_the_request_and_not_the_run(
    server: Answering, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(openloop, "REQUEST_SECONDS", 0.5)
    outcome = sent(server, asking("/wait"), asking("/x"))

    assert sorted(one.error for one in outcome.samples) == ["", "timeout"]


def test_what_is_still_out_when_time_is_up_is_ended(server: Answering, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(openloop, "SETTLE_SECONDS", 0.3)
    outcome = sent(server, asking("/wait"), asking("/x"))

    assert sorted(one.error for one in outcome.samples) == ["", "timeout"]


def test_a_redirect_is_not_followed(server: Answering) -> None:
    sent(server, asking("/302"))

    assert [path for _, path, _, _ in server.asked] == ["/302"]


def test_only_webhooks_carry_the_webhook_secret(server: Answering) -> None:
    sent(server, asking("/a", "alert", body="{}", secret=True), asking("/b", at=0.2))

    assert {path: given for _, path, _, given in server.asked} == {"/a": "Bearer s3", "/b": "Bearer t0"}


def test_a_bulk_asks_all_its_questions_and_is_one_answer(server: Answering) -> None:
    outcome = sent(server, asking("/v1/search", "bulk", paths=tuple(f"/{n}q" for n in range(25))))

    assert len(server.asked) == 25
    assert [one.error for one in outcome.samples] == [""]


def test_one_bad_answer_makes_a_bulk_an_error(server: Answering) -> None:
    (one,) = sent(server, asking("/v1/search", "bulk", paths=("/a", "/503", "/b"))).samples

    assert one.error == "status 503"


def test_what_the_cache_said_is_kept_and_anything_else_is_not(server: Answering) -> None:
    (known,) = sent(server, asking("/x", "search")).samples
    server.tier = "<script>"
    (unknown,) = sent(server, asking("/x", "search")).samples

    assert (known.tier, known.group, known.inside_ms) == ("index", "semantic", 1.25)
    assert unknown.tier == ""


def test_clients_ask_again_when_they_are_answered_and_stop_in_time(server: Answering) -> None:
    asked = [asking(f"/{n}x", at=-1.0) for n in range(7)]
    outcome = play(Target(server.url), asked, run_of(0.5, clients=5))

    assert len(outcome.samples) > 7  # after the last comes the first again
    assert all(0 <= one.at <= 0.5 for one in outcome.samples)


def test_all_are_asked_once_by_few_clients(server: Answering) -> None:
    samples = ask_all(Target(server.url), [asking(f"/{n}x") for n in range(40)], clients=4)

    assert len(samples) == len({path for _, path, _, _ in server.asked}) == 40
