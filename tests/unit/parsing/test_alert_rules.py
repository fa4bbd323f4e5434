"""Files of alert rules: which alert links where, and what is passed over in silence."""

import time
from contextlib import suppress

import pytest

from personal_pipeline.domain.catalog import MAX_ALERTS_PER_RULE_FILE
from personal_pipeline.domain.documents import ParsedDocument
from personal_pipeline.domain.errors import InvalidDocumentError
from personal_pipeline.domain.parsing import is_document, looks_like_rules, parse_document, read_rules

WIKI = "https://runbooks.example.com"
RULE = """groups:
  - name: node
    rules:
      - record: node:load:avg
        expr: avg(node_load1)
      - alert: DiskFull
        expr: node_filesystem_avail_bytes < 1
        for: 10m
        labels: { severity: critical }
        annotations:
          summary: 'Disk of {{ $labels.instance }} is full'
          runbook_url: https://runbooks.example.com/platform/disk-full
"""


def parsed(text: str, name: str = "alerts.yaml") -> ParsedDocument:
    return parse_document(f"ops/{name}", text.encode())


def links(text: str, name: str = "alerts.yaml") -> dict[str, tuple[str, ...]]:
    return dict(parsed(text, name).links)


def a_file(*rules: str) -> str:
    """Each rule as flow YAML."""
    return "groups: [{name: g, rules: [" + ", ".join(rules) + "]}]"


def a_rule(name: str, url: str = f"{WIKI}/x") -> str:
    return f'{{alert: "{name}", annotations: {{runbook_url: "{url}"}}}}'


def test_each_alert_with_a_link_leads_to_it() -> None:
    found = parsed(RULE)

    assert found.links == {"DiskFull": (f"{WIKI}/platform/disk-full",)}
    assert (found.blocks, found.title, found.warnings) == ((), "", ())


def test_a_rule_is_kept_as_it_is_written() -> None:
    (rule,), warnings = read_rules("ops/alerts.yaml", RULE)

    assert (rule.name, rule.group, rule.expr) == ("DiskFull", "node", "node_filesystem_avail_bytes < 1")
    assert rule.labels == {"severity": "critical"}
    assert rule.annotations["summary"] == "Disk of {{ $labels.instance }} is full"
    assert warnings == []


def indented(text: str, by: int) -> str:
    return "".join(" " * by + line for line in text.splitlines(keepends=True))


MANIFEST = f"apiVersion: monitoring.coreos.com/v1\nkind: PrometheusRule\nspec:\n{indented(RULE, 2)}"


def test_a_kubernetes_manifest_several_of_them_and_a_list_are_read() -> None:
    other = MANIFEST.replace("DiskFull", "NodeDown")
    listed = f"kind: List\nitems:\n- {indented(MANIFEST, 2).lstrip()}- kind: Deployment\n- 3\n"

    assert links(MANIFEST).keys() == {"DiskFull"}
    assert links(f"---\n{MANIFEST}---\nkind: Service\n---\n{other}---\n").keys() == {"DiskFull", "NodeDown"}
    assert links(listed).keys() == {"DiskFull"}
    assert links(listed.replace("kind: List", "kind: PrometheusRuleList")).keys() == {"DiskFull"}


def test_a_link_may_be_called_runbook_and_prose_is_no_link() -> None:
    rules = (
        '{alert: A, annotations: {runbook: "https://w/a"}}',
        '{alert: B, annotations: {runbook: "runbooks/b.md"}}',
        '{alert: C, annotations: {runbook: "Restart it, then wait"}}',
        '{alert: D, annotations: {runbook_url: "https://w/d", runbook: "https://w/other"}}',
    )

    assert links(a_file(*rules)) == {"A": ("https://w/a",), "B": ("runbooks/b.md",), "D": ("https://w/d",)}


def test_alerts_of_one_name_keep_their_different_links_in_order() -> None:
    rules = [a_rule("A", f"{WIKI}/{name}") for name in ("one", "two", "one", "three", "four")]

    assert links(a_file(*rules)) == {"A": (f"{WIKI}/one", f"{WIKI}/two", f"{WIKI}/three")}


def test_a_template_in_a_link_is_left_off_where_it_does_not_say_which_page() -> None:
    rules = (
        a_rule("A", f"{WIKI}/a?instance={{{{ $labels.instance }}}}#x"),
        a_rule("B", f"{WIKI}/{{{{ $labels.service }}}}/b"),
    )
    found = parsed(a_file(*rules))

    assert found.links == {"A": (f"{WIKI}/a",)}
    assert found.warnings == ("the link of B is known only when it fires: group 'g'",)


@pytest.mark.parametrize(
    "wrong",
    [
        "{alert: [A], annotations: {runbook_url: x}}",
        '{alert: "", expr: up}',
        "{alert: B, annotations: [x]}",
        "{alert: C, labels: text}",
        "{alert: " + "D" * 121 + "}",
    ],
)
def test_a_rule_that_is_wrong_is_named_and_does_not_lose_the_others(wrong: str) -> None:
    found = parsed(a_file(a_rule("Before"), wrong, a_rule("After")))

    assert found.links.keys() == {"Before", "After"}
    assert len(found.warnings) == 1
    assert "group 'g': rule 2 is left out" in found.warnings[0]


def test_wrong_types_around_the_rules_do_not_lose_the_others() -> None:
    good = f"{{name: g, rules: [{a_rule('A')}, text, null, {{record: r}}]}}"

    assert links(f"groups: [text, 7, null, {{rules: text}}, {{name: [x]}}, {good}]").keys() == {"A"}


def test_numbers_as_names_and_values_are_text() -> None:
    (rule,), _ = read_rules(
        "ops/a.yaml", a_file("{alert: 404, labels: {severity: 1, on: true, none: null, list: [1]}}")
    )

    assert (rule.name, rule.labels) == ("404", {"severity": "1", "on": "true"})


def test_names_in_any_script_are_kept() -> None:
    assert links(a_file(a_rule("ディスク満杯"), a_rule("Überlauf"))).keys() == {"ディスク満杯", "Überlauf"}


def test_hundreds_of_alerts_are_read_and_more_than_a_thousand_refused() -> None:
    assert len(links(a_file(*(a_rule(f"A{n}") for n in range(300))))) == 300

    with pytest.raises(InvalidDocumentError, match=r"'ops/alerts.yaml' has more than 1,000 alert rules: split it"):
        parsed(a_file(*(a_rule(f"A{n}") for n in range(MAX_ALERTS_PER_RULE_FILE + 1))))


def test_names_that_would_not_fit_a_row_are_refused() -> None:
    with pytest.raises(InvalidDocumentError, match="names of more than"):
        parsed(a_file(*(a_rule("磁" * 110 + str(n)) for n in range(900))))


OTHER_YAML = {
    "a deployment": "apiVersion: apps/v1\nkind: Deployment\nspec: {replicas: 2}\n",
    "anything": "- 1\n- {a: b}\n",
    "nothing": "",
    "comments": "# groups:\n# - alert: A\n",
    "recording rules": "groups:\n- name: g\n  rules:\n  - record: a\n    expr: b\n",
    "other groups": "groups: [admins, users]\nalert: yes\n",
    "a definition of the manifest": f"kind: CustomResourceDefinition\nspec:\n{indented(RULE, 2)}",
    "Helm": MANIFEST.replace("spec:", "{{- if .Values.enabled }}\nspec:", 1) + "{{- end }}\n",
    "no YAML": "a: [\n",
    "no YAML with the words": "a: [\nin groups: we alert: people\n",
    "an alias": "a: &a 1\nb: *a\n",
    "a tag": "Resource: !Ref Bucket\n",
    "binary": "\0\1\2",
    "deep": "[" * 5000,
}


@pytest.mark.parametrize("text", OTHER_YAML.values(), ids=OTHER_YAML)
@pytest.mark.parametrize("name", ["values.yaml", "k8s/values.yml", "VALUES.YAML"])
def test_other_yaml_is_passed_over_in_silence(text: str, name: str) -> None:
    assert parsed(text, name) == ParsedDocument("", ())


BROKEN = {
    "named as rules": ("disk.rules.yaml", "groups: [\n", "line"),
    "a manifest": ("disk.yaml", MANIFEST + "  x: [\n", "line"),
    "rules by their words": ("disk.yml", RULE + "bad: 'x\n", "line"),
    "aliases": ("disk.yaml", RULE.replace("labels: {", "labels: &l {") + "x: *l\n", "aliases"),
    "tags": ("disk.yaml", RULE.replace("10m", "!!python/object:os.system 10m"), "tags"),
    "nesting": ("disk.yaml", RULE + f"x: {'[' * 50}{']' * 50}\n", "nested"),
    "values": ("disk.yaml", RULE + f"x: [{'1,' * 100_001}]\n", "values"),
    "size": ("disk.yaml", RULE + "# " + "x" * 1_000_000, "larger than"),
    "groups that are none": (
        "disk.yaml",
        MANIFEST.replace("  groups:", "  groups: 3\n  alert: 3\n  other:"),
        "no list",
    ),
}


@pytest.mark.parametrize(("name", "text", "reason"), BROKEN.values(), ids=BROKEN)
def test_what_is_clearly_meant_as_rules_and_cannot_be_read_is_refused_by_name(
    name: str, text: str, reason: str
) -> None:
    with pytest.raises(InvalidDocumentError, match=reason) as refused:
        parsed(text, name)

    assert f"'ops/{name}'" in str(refused.value)


@pytest.mark.parametrize(
    "text",
    [
        "groups:\n" * 100_000 + "alert: [",
        "groups:\nalert:" + " " * 900_000 + "[",
        "groups:\n- alert: " + "{{" * 400_000,
        "groups:\n- alert: " + "- " * 400_000,
        "groups: alert: " + "a: {" * 200_000,
        'groups: [{rules: [{alert: A, annotations: {runbook: "' + "{{ " * 200_000 + '"}}]}]',
    ],
    ids=["many groups", "spaces", "braces", "dashes", "maps", "template"],
)
def test_hostile_text_takes_no_time_worth_mentioning(text: str) -> None:
    started = time.process_time()
    with suppress(InvalidDocumentError):
        parsed(text)

    assert time.process_time() - started < 10


def test_yaml_is_no_document_and_hidden_or_templated_yaml_is_not_read() -> None:
    assert not is_document("ops/disk.rules.yaml")
    assert not looks_like_rules("ops/.disk.rules.yaml", RULE.encode())
    assert not looks_like_rules("ops/.github/disk.rules.yaml", RULE.encode())
    for name in ("disk.rules.yaml.j2", ".yaml", "disk.json"):
        assert not looks_like_rules(f"ops/{name}", RULE.encode())
    assert looks_like_rules("ops/disk.rules.yaml", b"anything")
    assert looks_like_rules("ops/disk.yaml", RULE.encode())
    assert not looks_like_rules("ops/disk.yaml", b"password: secret")
