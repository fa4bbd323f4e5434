"""Playbooks of Ansible and Robusta as pages: what is done, in which order, and nothing that is secret."""

import pytest

from personal_pipeline.domain.documents import ParsedDocument
from personal_pipeline.domain.extract import extract
from personal_pipeline.domain.parsing import is_wanted, parse_document
from tests.unit.parsing.reading import codes, texts

ANSIBLE = """\
---
- name: Rotate the logs of *every* web server
  hosts: [web, edge]
  become: true
  vars: {db_password: hunter2}
  roles: [common, {role: nginx}]
  tasks:
    - name: See what is full
      ansible.builtin.command: df -h
      register: disks
    - name: Vacuum the journal
      shell:
        cmd: |
          journalctl --vacuum-size=500M
          journalctl --disk-usage
      when: "'/var' in disks.stdout"
    - name: Restart nginx
      ansible.builtin.service: {name: nginx, state: restarted, api_token: abc}
      notify: tell somebody
    - name: Try the new release
      block:
        - command: {argv: [systemctl, start, web]}
      rescue:
        - raw: systemctl start web-old
    - name: Set the password
      command: passwd --stdin {{ user }}
      no_log: true
    - local_action: command uptime
  handlers:
    - name: tell somebody
      debug: {msg: restarted}
"""
ROBUSTA = """\
customPlaybooks:
- triggers:
    - on_prometheus_alert:
        alert_name: KubePodCrashLooping
        namespace_prefix: shop
  actions:
    - logs_enricher: {}
    - pod_bash_enricher:
        bash_command: df -h
    - node_cpu_enricher: {limit: 5, secret_key: abc}
- name: Nodes
  triggers: [on_node_update]
  actions: [node_status_enricher]
"""


def read(text: str, name: str = "play.yaml") -> ParsedDocument:
    assert is_wanted(f"runbooks/{name}", text.encode())
    return parse_document(f"runbooks/{name}", text.encode())


def test_a_play_is_a_page_of_its_tasks_in_their_order() -> None:
    parsed = read(ANSIBLE)

    assert parsed.title == "Rotate the logs of *every* web server"
    assert texts(parsed)[:3] == [
        "On web, edge, as another user (become).",
        "Roles: common, nginx.",
        "1. See what is full:",
    ]
    assert codes(parsed)[:2] == [("sh", "df -h"), ("sh", "journalctl --vacuum-size=500M\njournalctl --disk-usage")]
    assert "2. Vacuum the journal (only when '/var' in disks.stdout):" in texts(parsed)
    assert ("sh", "systemctl start web") in codes(parsed)
    assert ("sh", "uptime") in codes(parsed)
    assert parsed.blocks[-1].heading == ("Handlers",)


def test_the_parts_of_a_block_are_steps_in_a_step() -> None:
    found = extract(read(ANSIBLE), read(ANSIBLE).written, "markdown")

    assert [(step.depth, step.number, step.text) for step in found.steps if step.depth == 2] == [
        (2, "1", "Run:"),
        (2, "1", "Run:"),
    ]
    assert "systemctl start web-old" in [command.text for command in found.commands]


def test_what_is_secret_is_not_shown() -> None:
    for text in (ANSIBLE, ROBUSTA):
        written = read(text).written
        assert "hunter2" not in written
        assert "abc" not in written
        assert "(not shown)" in written
    assert "passwd" not in read(ANSIBLE).written


def test_what_ansible_keeps_in_its_vault_does_not_hold_the_play_back() -> None:
    parsed = read("- hosts: all\n  vars: {a: !vault 'x', b: !unsafe '{{'}\n  tasks: [{command: df}]\n")

    assert codes(parsed) == [("sh", "df")]


def test_several_plays_are_sections_of_one_page() -> None:
    parsed = read("- hosts: a\n  name: First\n  tasks: [{command: df}]\n- import_playbook: other.yaml\n")

    assert [block.heading for block in parsed.blocks] == [("First",), ("First",), ("First",), ("Import other.yaml",)]


def test_a_robusta_playbook_answers_the_alert_that_triggers_it() -> None:
    parsed = read(ROBUSTA)

    assert parsed.front_matter == {"alerts": ["KubePodCrashLooping"]}
    assert texts(parsed)[:3] == [
        "Robusta starts this on on_prometheus_alert with alert_name KubePodCrashLooping, namespace_prefix shop.",
        "1. Use logs_enricher.",
        "2. Use pod_bash_enricher:",
    ]
    assert codes(parsed)[0] == ("sh", "df -h")
    assert parsed.blocks[-1].heading == ("Nodes",)


@pytest.mark.parametrize(
    "text",
    [
        "customPlaybooks:\n- triggers: [a]\n  actions: [b]\nsinksConfig: [{slack_sink: {api_key: xoxb}}]\n",
        "- name: a\n  image: nginx\n",
        "- hosts: all\n",
        "hosts: all\ntasks: []\n",
        "jobs:\n  build:\n    steps: []\n",
    ],
)
def test_what_is_no_playbook_is_not_even_taken(text: str) -> None:
    assert not is_wanted("ops/values.yaml", text.encode())
    assert parse_document("ops/values.yaml", text.encode()).written == ""


@pytest.mark.parametrize(
    ("text", "warnings"),
    [
        ("- hosts: all\n  tasks: &a [{command: df}]\n  handlers: *a\n", ("aliases (*name) are not read",)),
        ("- hosts: all\n  tasks: [\n", ("while parsing",)),
        ("- hosts: all\n  tasks: !ruby/object:X []\n", ("tags (!ruby/object:X) are not read",)),
        ("- hosts: all\n  tasks: " + "[" * 50_000, ("nested more than 20 deep",)),
        ("- {hosts: all}\n-\n hosts: x\n tasks: 5\n", ()),
        ("- name: x\n  hosts: a\n  roles:\n- 5\n", ()),
    ],
)
def test_a_playbook_that_cannot_be_read_is_left_with_a_warning(text: str, warnings: tuple[str, ...]) -> None:
    parsed = read(text)

    assert (parsed.blocks, parsed.written) == ((), "")
    assert len(parsed.warnings) == len(warnings)
    for said in warnings:
        assert "looks like a playbook and is left out" in parsed.warnings[0]
        if said != "while parsing":
            assert said in parsed.warnings[0]


@pytest.mark.parametrize(
    "text",
    [
        "- hosts: 5\n  name: [x]\n  tasks: [5, null, {}, {when: {a: b}}, {name: 7}, {command: {}}, {shell: [1, {}]}]\n",
        "- hosts: {a: b}\n  roles: [5, {}, null]\n  tasks: [{block: [{block: [{command: df}]}], rescue: 5}]\n",
        "customPlaybooks:\n- triggers: [5, {}, {a: 5}]\n  actions: [5, {}, {b: [x]}, null]\n",
    ],
)
def test_odd_values_are_left_out_and_the_rest_is_read(text: str) -> None:
    assert read(text).blocks
