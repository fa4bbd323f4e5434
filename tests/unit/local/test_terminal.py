"""What reaches the person at the terminal, and what goes to a log."""

import io

import pytest

from infra.local.event_sources import BatchOutcome
from infra.local.events_process import Handled, Problem, Synchronised
from infra.local.folder import Changes
from infra.local.logs import MAX_LOG_BYTES, SplitOutput, rotate_logs
from infra.local.plan import Plan, ServeOptions
from infra.local.terminal import Terminal, plain
from infra.local.topology import Topology

NOTHING = Topology({}, (), (), (), {}, {}, {}, (), {}, {}, {})


@pytest.fixture
def terminal(tmp_path):
    options = ServeOptions(data_dir=tmp_path, runbooks=tmp_path / "runbooks")
    return Terminal(Plan(options, NOTHING, tmp_path, {}, "operator", ""))


def test_text_of_others_cannot_steer_the_terminal():
    assert plain("\x1b[2Jred\x07 \u202eevil\r\nnext\x00") == "[2Jred evil next"
    assert len(plain("x" * 10_000)) == 300


def test_a_reason_is_shown_once_however_often_it_comes_back(terminal, capsys):
    for _ in range(3):
        terminal.show(Handled("IngestFunction", BatchOutcome(2, 1, ("a.md is \x1b[31mempty",)), 1))
    shown = capsys.readouterr().out
    assert shown.count("a.md is [31mempty") == 1
    assert "\x1b" not in shown


def test_a_problem_that_lasts_is_shown_once_and_again_after_it_was_gone(terminal, capsys):
    gone = Problem("the folder cannot be reached")
    for report in (gone, gone, Synchronised(Changes(1), 0), gone):
        terminal.show(report)
    assert capsys.readouterr().out.count("cannot be reached") == 2


def test_a_look_at_the_folder_that_changed_nothing_is_not_worth_a_line(terminal, capsys):
    terminal.show(Synchronised(Changes(3, put=3), 3))
    assert "3 files, 3 new or changed" in capsys.readouterr().out
    terminal.show(Synchronised(Changes(3), 0))
    assert capsys.readouterr().out == ""


def test_log_records_go_to_the_log_and_lines_for_people_to_the_terminal():
    shown, log = io.StringIO(), io.StringIO()
    output = SplitOutput(shown, log)
    output.write('{"level": "WARNING"}\nALERT  Disk')
    output.write("Full\n")
    assert shown.getvalue() == "ALERT  DiskFull\n"
    assert log.getvalue() == '{"level": "WARNING"}\n'


def test_a_log_that_grew_large_is_set_aside_at_the_next_start(tmp_path):
    (tmp_path / "log").mkdir()
    (tmp_path / "log" / "http.log").write_bytes(b"x" * (MAX_LOG_BYTES + 1))
    (tmp_path / "log" / "events.log").write_bytes(b"x")
    rotate_logs(tmp_path)
    assert sorted(path.name for path in (tmp_path / "log").iterdir()) == ["events.log", "http.log.1"]
