"""What chat targets promise: one message for a notice, kept up to date, and a refusal that says what to do."""

import json
from collections.abc import Iterator

import pytest

from personal_pipeline.adapters.targets import slack_blocks
from personal_pipeline.adapters.targets.http_client import HttpClient
from personal_pipeline.adapters.targets.slack import WHAT_TO_DO, SlackTarget
from personal_pipeline.adapters.targets.teams import TeamsTarget
from personal_pipeline.domain.errors import TargetUnavailableError
from personal_pipeline.domain.notices import Notice
from personal_pipeline.ports import Target
from tests.contract.chat_server import OK, ChatServer, chat_server
from tests.contract.notices import a_card, a_cause, a_notice, a_section, a_suggestion, no_runbook


@pytest.fixture
def chat() -> Iterator[ChatServer]:
    with chat_server() as chat:
        yield chat


@pytest.fixture
def slack(chat: ChatServer) -> Target:
    return SlackTarget(HttpClient(), lambda: ("xoxb-new", "xoxb-old"), "C0123", f"{chat.url}/api")


@pytest.fixture
def teams(chat: ChatServer) -> Target:
    return TeamsTarget(HttpClient(), lambda: (f"{chat.url}/workflows/1?sig=s3cret",), allow_http=True)


def shown(chat: ChatServer, place: int = -1) -> str:
    """All words of a request, one after the other."""

    def words(node: object) -> Iterator[str]:
        if isinstance(node, dict):
            yield from (node[key] for key in ("text", "url", "title") if isinstance(node.get(key), str))
            for value in node.values():
                yield from words(value)
        elif isinstance(node, list):
            for value in node:
                yield from words(value)

    said = chat.requests[place].json
    return "\n".join(words(said.get("blocks") or said["attachments"]))


def buttons(chat: ChatServer) -> list[tuple[str, str]]:
    blocks = chat.requests[-1].json["blocks"]
    return [
        (element["action_id"], element["text"]["text"])
        for block in blocks
        if block["type"] == "actions"
        for element in block["elements"]
    ]


@pytest.mark.parametrize("target", ["slack", "teams"])
class TestBoth:
    @pytest.fixture
    def sends(self, target: str, request: pytest.FixtureRequest) -> Target:
        found: Target = request.getfixturevalue(target)
        return found

    def test_a_runbook_is_shown_with_why_what_to_do_first_and_whom_to_call(
        self, sends: Target, chat: ChatServer
    ) -> None:
        sends.send(a_notice(), "d-1", "")

        words = shown(chat)
        for expected in ("CRITICAL · DiskWillFill · storage", "Disk full", "92 %", "it names this alert", "df -h"):
            assert expected in words
        assert "Escalate to: team-storage, #on-call, #storage" in words
        assert "https://wiki.example.com/disk" in words

    def test_three_candidates_are_suggested_at_most(self, sends: Target, chat: ChatServer) -> None:
        sends.send(a_notice(a_suggestion()), "d-1", "")

        words = shown(chat)
        assert "No runbook is sure (45 %)" in words
        assert ("Candidate 3" in words, "Candidate 4" in words) == (True, False)

    def test_no_runbook_is_said_plainly_with_who_owns_the_service(self, sends: Target, chat: ChatServer) -> None:
        sends.send(a_notice(no_runbook()), "d-1", "")
        assert "No runbook was found" in shown(chat)
        assert "storage is owned by team-storage." in shown(chat)

        sends.send(a_notice(no_runbook(), owner=""), "d-2", "")
        assert "Nobody is named as the owner of storage." in shown(chat)

    def test_the_likely_first_cause_stands_before_the_runbook(self, sends: Target, chat: ChatServer) -> None:
        cause = a_cause()

        sends.send(a_notice(cause=cause, related=(cause, a_cause(service="queue"))), "d-1", "")

        words = shown(chat)
        assert words.index("Likely first cause: database") < words.index("Disk full")
        assert "Also alerting: queue" in words

    def test_a_burst_has_a_section_for_each_runbook_with_how_many_alerts(self, sends: Target, chat: ChatServer) -> None:
        other = a_section(runbook=a_card(doc_id="o" * 16, title="Queue stuck"), firing=30)

        sends.send(a_notice(a_section(firing=7), other), "d-1", "")

        words = shown(chat)
        assert "37 alerts" in words
        assert words.index("7 alerts: DiskWillFill") < words.index("Disk full") < words.index("Queue stuck")
        assert "30 alerts: DiskWillFill" in words

    def test_a_part_that_did_not_answer_is_named(self, sends: Target, chat: ChatServer) -> None:
        sends.send(a_notice(a_section(degraded=("index",))), "d-1", "")

        assert "Without index, which did not answer." in shown(chat)

    def test_a_target_that_is_busy_says_when_to_come_again(self, sends: Target, chat: ChatServer) -> None:
        chat.answers.append((429, {"Retry-After": "17"}, b""))

        with pytest.raises(TargetUnavailableError) as refused:
            sends.send(a_notice(), "d-1", "")

        assert refused.value.retry_after == 17.0

    @pytest.mark.parametrize("status", [302, 400, 403, 404, 500, 503])
    def test_a_refusal_is_never_swallowed_and_tells_no_secret(
        self, sends: Target, chat: ChatServer, status: int, target: str
    ) -> None:
        chat.answers.append(
            (status, {"Location": "https://evil.example"}, f"no: xoxb-new {chat.url}/workflows/1?sig=s3cret".encode())
        )

        with pytest.raises(TargetUnavailableError) as refused:
            sends.send(a_notice(), "d-1", "")

        told = str(refused.value)
        assert ("xoxb" in told, "s3cret" in told) == ((False, True) if target == "slack" else (True, False))


class TestSlack:
    def test_a_message_is_posted_once_and_then_changed(self, slack: Target, chat: ChatServer) -> None:
        handle = slack.send(a_notice(), "d-1", "")
        slack.send(a_notice(a_section(firing=4), revision=2), "d-2", handle)

        assert chat.methods == ["chat.postMessage", "chat.update"]
        first, second = (request.json for request in chat.requests)
        assert (first["channel"], first["unfurl_links"]) == ("C0123", False)
        assert first["metadata"]["event_payload"] == {"delivery_id": "d-1", "notice_id": "n-1", "revision": 1}
        assert (second["channel"], second["ts"]) == (OK["channel"], OK["ts"])
        assert chat.requests[0].headers["authorization"] == "Bearer xoxb-new"

    def test_a_resolved_notice_is_marked_and_keeps_its_buttons(self, slack: Target, chat: ChatServer) -> None:
        handle = slack.send(a_notice(), "d-1", "")
        slack.send(a_notice(a_section(firing=0, resolved=1), status="resolved", revision=2), "d-2", handle)

        assert chat.methods[1:] == ["chat.update"]
        assert "RESOLVED (was critical) · DiskWillFill" in shown(chat)
        assert [action for action, _ in buttons(chat)] == ["helped", "wrong", "open"]

    def test_a_runbook_that_comes_later_is_announced_in_the_thread_once(self, slack: Target, chat: ChatServer) -> None:
        more = a_notice(a_section(), a_suggestion(), revision=2)

        handle = slack.send(a_notice(), "d-1", "")
        handle = slack.send(more, "d-2", handle)
        slack.send(more, "d-3", handle)

        assert chat.methods == ["chat.postMessage", "chat.update", "chat.postMessage", "chat.update"]
        assert chat.requests[2].json["thread_ts"] == OK["ts"]
        assert "Candidate 1" in shown(chat, 2)

    def test_what_a_button_says_names_alert_service_and_document(self, slack: Target, chat: ChatServer) -> None:
        slack.send(a_notice(), "d-1", "")

        actions = next(block for block in chat.requests[-1].json["blocks"] if block["type"] == "actions")
        said = json.loads(actions["elements"][0]["value"])
        assert said == {"a": "DiskWillFill", "s": "storage", "d": "aaaabbbbccccdddd"}
        assert buttons(chat) == [("helped", "This helped"), ("wrong", "Wrong runbook"), ("open", "Open")]

    def test_each_candidate_has_a_button_of_its_own(self, slack: Target, chat: ChatServer) -> None:
        slack.send(a_notice(a_suggestion()), "d-1", "")

        assert buttons(chat) == [("right", "This is it"), ("open", "Open")] * 3

    def test_steps_are_words_and_commands_blocks_of_their_own(self, slack: Target, chat: ChatServer) -> None:
        slack.send(a_notice(), "d-1", "")

        blocks = [block for block in chat.requests[-1].json["blocks"] if block["type"] == "rich_text"]
        elements = [element for block in blocks for element in block["elements"]]
        commands = [e["elements"][0]["text"] for e in elements if e["type"] == "rich_text_preformatted"]
        assert commands == ["df -h", "cd /var/log\n  rm -i *.gz"]

    @pytest.mark.parametrize("word", sorted(WHAT_TO_DO))
    def test_a_refusal_of_slack_says_what_to_do(self, slack: Target, chat: ChatServer, word: str) -> None:
        for _ in range(2):  # both tokens
            chat.refuses(word)

        with pytest.raises(TargetUnavailableError, match=word) as refused:
            slack.send(a_notice(), "d-1", "")

        assert WHAT_TO_DO[word] in str(refused.value)
        assert (refused.value.retry_after > 0) == (word == "ratelimited")

    @pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b"null", b'{"ok": "true"}', b"[" * 100_000])
    def test_an_answer_that_does_not_say_ok_is_a_refusal(self, slack: Target, chat: ChatServer, body: bytes) -> None:
        chat.answers.append((200, {}, body))

        with pytest.raises(TargetUnavailableError):
            slack.send(a_notice(), "d-1", "")

    def test_the_older_token_is_tried_when_the_newer_is_not_known(self, slack: Target, chat: ChatServer) -> None:
        chat.refuses("invalid_auth")

        slack.send(a_notice(), "d-1", "")

        assert [request.headers["authorization"] for request in chat.requests] == ["Bearer xoxb-new", "Bearer xoxb-old"]

    def test_a_secret_without_a_token_is_said(self, chat: ChatServer) -> None:
        with pytest.raises(TargetUnavailableError, match="no token"):
            SlackTarget(HttpClient(), tuple, "C0123", chat.url).send(a_notice(), "d-1", "")

    @pytest.mark.parametrize("word", ["msg_blocks_too_long", "invalid_blocks"])
    def test_a_message_that_is_too_much_is_sent_again_with_less(
        self, slack: Target, chat: ChatServer, word: str
    ) -> None:
        chat.refuses(word)

        slack.send(a_notice(), "d-1", "")

        assert chat.methods == ["chat.postMessage"] * 2
        assert "Disk full" in shown(chat)
        assert len(chat.requests[1].body) < len(chat.requests[0].body)

    def test_a_message_that_was_deleted_is_posted_anew_while_it_fires(self, slack: Target, chat: ChatServer) -> None:
        handle = slack.send(a_notice(), "d-1", "")
        chat.refuses("message_not_found")
        again = slack.send(a_notice(revision=2), "d-2", handle)
        chat.refuses("message_not_found")
        resolved = slack.send(a_notice(status="resolved", revision=3), "d-3", again)

        assert chat.methods == ["chat.postMessage", "chat.update", "chat.postMessage", "chat.update"]
        assert resolved == again

    @pytest.mark.parametrize("handle", ["{}", "[]", "null", "7", "{", '{"channel":"C1"}', "old-handle"])
    def test_a_handle_that_is_none_of_ours_means_a_new_message(
        self, slack: Target, chat: ChatServer, handle: str
    ) -> None:
        slack.send(a_notice(revision=2), "d-2", handle)

        assert chat.methods == ["chat.postMessage"]

    def test_buttons_stay_under_the_limit_whatever_an_alert_is_called(self) -> None:
        for name in ('"' * 5000, "\\" * 5000, "é" * 5000, "\x00" * 5000):
            value = slack_blocks.button_value(name, name, "d" * 16)
            assert len(value) <= slack_blocks.MAX_BUTTON_VALUE
            assert json.loads(value)["d"] == "d" * 16


class TestTeams:
    @pytest.mark.parametrize(
        ("update", "posts"),
        [
            (a_notice(a_section(firing=9), revision=2), 0),
            (a_notice(a_section(), no_runbook(), revision=2), 0),
            (a_notice(a_section(firing=0, resolved=1), status="resolved", revision=2), 1),
            (a_notice(a_section(), a_suggestion(), revision=2), 1),
        ],
        ids=["more of the same", "another without a runbook", "resolved", "a new runbook"],
    )
    def test_an_update_is_posted_only_when_people_must_know(
        self, teams: Target, chat: ChatServer, update: Notice, posts: int
    ) -> None:
        handle = teams.send(a_notice(), "d-1", "")

        again = teams.send(update, "d-2", handle)
        assert len(chat.requests) == 1 + posts
        assert (again == handle) == (posts == 0)
        assert teams.send(update, "d-3", again) == again
        assert len(chat.requests) == 1 + posts

    def test_an_update_refers_to_the_first_message_and_shows_only_what_is_new(
        self, teams: Target, chat: ChatServer
    ) -> None:
        handle = teams.send(a_notice(), "d-1", "")
        teams.send(a_notice(a_section(), a_suggestion(), revision=2), "d-2", handle)

        assert "An update to the message of 2026-11-29 03:05 UTC" in shown(chat)
        assert ("Candidate 1" in shown(chat), "Disk full" in shown(chat)) == (True, False)

    @pytest.mark.parametrize("url", ["", "http://flow.example/1", "not an address"])
    def test_only_an_https_address_is_sent_to(self, url: str) -> None:
        with pytest.raises(TargetUnavailableError, match="no https address"):
            TeamsTarget(HttpClient(), lambda: (url,) if url else ()).send(a_notice(), "d-1", "")

    def test_an_address_in_the_own_network_is_refused_without_telling_the_rest_of_it(self) -> None:
        target = TeamsTarget(HttpClient(allow_private=False), lambda: ("https://127.0.0.1/1?sig=s3cret",))

        with pytest.raises(TargetUnavailableError, match="public internet") as refused:
            target.send(a_notice(), "d-1", "")

        assert "s3cret" not in str(refused.value)
