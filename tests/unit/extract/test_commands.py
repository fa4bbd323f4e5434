"""Where commands begin and end, and what is output."""

import pytest

from tests.unit.extract.reading import commands, read


def test_a_prompt_and_a_comment_are_no_part_of_a_command() -> None:
    assert commands("```console\n$ df -h  # all disks\n# a comment\n$ ls -l\n```\n") == ["df -h", "ls -l"]


def test_what_follows_a_prompt_without_one_is_output() -> None:
    found = read("```console\n$ kubectl get pods\nNAME   READY\nweb-0  1/1\n```\n")

    assert [command.text for command in found.commands] == ["kubectl get pods"]
    assert [one.text for one in found.expected] == ["NAME READY web-0 1/1"]


@pytest.mark.parametrize(
    "command",
    [
        "kubectl get pods \\\n  -n shop",
        "for pod in a b; do\n  kubectl delete pod $pod\ndone",
        "cat <<EOF | kubectl apply -f -\nkind: Pod\nEOF",
        "sh -c '\n  ls -l\n'",
        "kubectl get pods && \\\n  kubectl top pods",
    ],
)
def test_lines_that_belong_together_are_one_command(command: str) -> None:
    assert commands(f"```bash\n{command}\nls -l\n```\n") == [command, "ls -l"]


def test_sql_ends_with_a_semicolon() -> None:
    assert commands("```sql\nselect a\nfrom b; -- all\nselect 1;\n```\n") == ["select a\nfrom b;", "select 1;"]


@pytest.mark.parametrize("code", ["kubelet", "--force", "up", "kubectl apply", "Client ID", "no such host", "a: b"])
def test_inline_code_that_only_names_something_is_no_command(code: str) -> None:
    assert commands(f"Look at `{code}` first.\n") == []


def test_a_command_that_the_reader_must_not_run_is_none() -> None:
    assert commands("Never run `kubectl delete ns shop`.\n") == []


@pytest.mark.parametrize(
    ("code", "language"),
    [
        ("sum(rate(errors_total[5m]))", "promql"),
        ('{app="web"} |= "error"', "logql"),
        ("select count(*) from t", "sql"),
        ("df -h", "sh"),
    ],
)
def test_the_language_is_told_from_the_command(code: str, language: str) -> None:
    assert [command.language for command in read(f"Run `{code}` now.\n").commands] == [language]


def test_placeholders_are_listed_once() -> None:
    (command,) = read("Run `kubectl -n $NS exec <pod> -- cat {{ path }} <pod>`.\n").commands

    assert command.placeholders == ("$NS", "<pod>", "{{ path }}")


def test_a_file_to_be_written_is_no_command() -> None:
    assert commands("```yaml\nkind: Pod\n```\n\n```\nkind: Pod\nmetadata:\n  name: a\n```\n") == []


def test_entities_of_html_are_read() -> None:
    assert commands("<p>Run <code>kubectl get pod &lt;pod&gt; -o yaml</code>.</p>", "html") == [
        "kubectl get pod <pod> -o yaml"
    ]


@pytest.mark.parametrize(
    ("block", "found"),
    [
        ("# systemctl stop pump\n# systemctl start pump", ["systemctl stop pump", "systemctl start pump"]),
        ("[site-1]$ kubectl get pods", ["kubectl get pods"]),
        ("fw-b:~$ ip -s link", ["ip -s link"]),
        ("/ # tankd status --all", ["tankd status --all"]),
        ("edge1# clear counters", ["clear counters"]),
        ("$ cd depot\nkubectl apply -f pump.yaml", ["cd depot", "kubectl apply -f pump.yaml"]),
        ("cd .. # now in `depot`\nls -l", ["cd ..", "ls -l"]),
        ("ls -l `cat names`   \nNAME  SIZE", ["ls -l `cat names`"]),
        ("curl -s localhost (to see the state)", ["curl -s localhost"]),
    ],
)
def test_prompts_and_remarks_of_other_kinds_are_known(block: str, found: list[str]) -> None:
    assert commands(f"```console\n{block}\n```\n") == found


def test_a_block_without_a_language_is_run_when_the_words_before_it_say_so() -> None:
    assert commands("Refill the tank:\n\n```\ntank-ctl refill --all north\n```\n") == ["tank-ctl refill --all north"]
    assert commands("Refill the tank:\n\n```\ntank refill north\n```\n") == ["tank refill north"]
    assert commands("The output looks like this:\n\n```\ntank refill north\n```\n") == []


def test_a_block_of_yaml_that_pipes_a_document_is_a_command() -> None:
    assert commands("```yaml\noc apply -f - <<EOF\nkind: Lamp\nEOF\n```\n") == ["oc apply -f - <<EOF\nkind: Lamp\nEOF"]


def test_a_statement_of_ruby_goes_on_to_its_closing_bracket() -> None:
    assert commands("```ruby\nLamp.new(\n  colour: 3,\n).save\nLamp.all\n```\n") == [
        "Lamp.new(\n  colour: 3,\n).save",
        "Lamp.all",
    ]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("See who uses most with `htop`.", ["htop"]),
        ("The `htop` of the manual is old.", []),
        ("Say `tankctl reload` then.", ["tankctl reload"]),
        ("Run `tank-ctl refill` now.", ["tank-ctl refill"]),
        ("The `systemctl status` output is long.", []),
        ("Everybody runs a `terraform plan` at times.", []),
        ("Set `web_signoff_required = true` there.", []),
    ],
)
def test_inline_code_is_a_command_by_the_words_around_it(text: str, found: list[str]) -> None:
    assert commands(text + "\n") == found


def test_a_program_that_a_block_runs_is_one_in_inline_code_as_well() -> None:
    text = "Start it again (`tankd resume`).\n\n```sh\ntankd pause --now\n```\n"

    assert commands(text) == ["tankd resume", "tankd pause --now"]
    assert commands("Start it again (`tankd resume`).\n") == []


def test_indented_words_of_asciidoc_are_shown_as_they_stand() -> None:
    assert commands("Start it:\n\n systemctl start pump\n\nThen wait.\n", "adoc") == ["systemctl start pump"]


def test_cmdlets_are_commands_and_some_only_look() -> None:
    found = read("```powershell\nGet-Service Pump\nRestart-Service Pump\nRemove-Item C:\\old\n```\n").commands

    assert [(command.text, command.risk.value) for command in found] == [
        ("Get-Service Pump", "read-only"),
        ("Restart-Service Pump", "changes-state"),
        ("Remove-Item C:\\old", "destructive"),
    ]


def test_a_script_to_be_saved_is_no_command() -> None:
    assert commands("```bash\n#!/bin/sh\nset -e\nrm -r /tmp/x\n```\n") == []
