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
