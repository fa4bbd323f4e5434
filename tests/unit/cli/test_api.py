import socket
from pathlib import Path
from threading import Thread

import pytest

from infra.cli.api import Api
from infra.cli.environment import Environment
from infra.cli.errors import CommandError, NotReachableError, RefusedError
from personal_pipeline.domain.senders import Received
from tests.unit.cli.stand_in import Answer, StandIn, problem


@pytest.fixture
def api(system: StandIn, data: Path) -> Api:
    return Api(Environment.read({"PP_URL": system.url, "PP_DATA": str(data)}))


def test_connections_are_kept_open(system: StandIn, api: Api) -> None:
    for _ in range(3):
        api.get("/v1/health", "status")

    assert len({asked.connection for asked in system.asked}) == 1


def test_nothing_there_says_how_to_start_it(data: Path) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{unused.getsockname()[1]}"

    with pytest.raises(NotReachableError, match=f"nothing answers at {url}: start it with `make run`"):
        Api(Environment.read({"PP_URL": url, "PP_DATA": str(data)})).get("/v1/health", "status")


def test_a_connection_that_breaks_off_is_told_from_a_server_that_is_not_there(data: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(5)
        url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        api = Api(Environment.read({"PP_URL": url, "PP_DATA": str(data)}))

        def hang_up() -> None:
            connection, _ = listening.accept()
            connection.recv(1)
            connection.close()

        thread = Thread(target=hang_up, daemon=True)
        thread.start()
        with pytest.raises(CommandError, match="broke off") as raised:
            api.post("/local/warm", "warmed", {})
        thread.join()

    assert not isinstance(raised.value, NotReachableError)


def test_a_problem_body_is_told_with_its_fields(system: StandIn, api: Api) -> None:
    errors = [{"field": "limit", "problem": "at most 50"}, {"field": "q", "problem": "empty"}]
    system.answers["GET /v1/search"] = problem(400, "The request says something wrong.", errors=errors)

    with pytest.raises(RefusedError) as raised:
        api.get("/v1/search", "hits", {"q": "x"})

    assert str(raised.value) == "The request says something wrong. (limit: at most 50; q: empty)"
    assert raised.value.status == 400


@pytest.mark.parametrize(
    "answer",
    [Answer(b"<html>hello</html>"), Answer({"ok": True}), Answer([1, 2]), Answer(b"["), Answer(b"[" * 100_000)],
    ids=["a page", "other fields", "a list", "half of JSON", "deep JSON"],
)
def test_the_answer_of_something_else_is_no_answer(system: StandIn, api: Api, answer: Answer) -> None:
    system.answers["GET /v1/search"] = answer

    with pytest.raises(CommandError, match=r"does not answer as Personal Pipeline does: is PP_URL right\?"):
        api.get("/v1/search", "hits", {"q": "x"})


def test_an_error_page_of_something_else_is_told_by_its_status(system: StandIn, api: Api) -> None:
    system.answers["GET /v1/search"] = Answer(b"<html>\x1b[2Jno</html>", 502)

    with pytest.raises(RefusedError, match=r"/v1/search answered 502 Bad Gateway: is PP_URL right\?"):
        api.get("/v1/search", "hits", {"q": "x"})


def test_a_redirect_is_not_followed_with_the_token(system: StandIn, api: Api) -> None:
    system.answers["GET /local/queues"] = Answer({}, 307, {"Location": f"{system.url}/elsewhere"})

    with pytest.raises(RefusedError):
        api.get("/local/queues", "queues")

    assert [asked.path for asked in system.asked] == ["/local/queues"]


def test_a_document_is_sent_again_when_the_system_is_busy(system: StandIn, api: Api) -> None:
    busy = problem(503, "busy")
    busy.headers["Retry-After"] = "0"
    system.answers["PUT /local/documents/s/a.md"] = [busy, Answer({"doc_id": "x"}, 202)]

    api.put_document("s/a.md", b"# A")

    assert [asked.body for asked in system.asked] == [b"# A", b"# A"]


def test_an_alert_is_never_sent_twice(system: StandIn, api: Api) -> None:
    system.answers["POST /v1/alerts/alertmanager"] = problem(503, "The queue does not answer.")

    with pytest.raises(RefusedError, match="The queue does not answer"):
        api.send_alert(Received(b"{}", url="/v1/alerts/alertmanager"))

    assert len(system.asked) == 1


@pytest.mark.parametrize("key", ["s/ä ö.md", "s/a#b?c=d&e.md", "s/100%.md", "a--b/c:d@e.md"])
def test_any_key_and_external_id_arrive_as_they_are(system: StandIn, api: Api, key: str) -> None:
    api.put_document(key, b"x", external_id=key)

    assert system.documents == {key: b"x"}
    assert system.external_ids == {key: key}
