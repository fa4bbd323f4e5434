"""What a page says beside its steps reaches an agent, too."""

CAREFUL = """# Queue stuck

Never stop the broker.

## Repair

1. Look at it: `queuectl depth <queue>`

   Do not do this on Sundays.

2. If it is empty, go to [Archive](#archive).

## Archive

It is kept there for a week.
"""


def test_cautions_come_with_the_step_or_section_they_stand_in(agent):
    doc_id = agent.world.has("ops/careful.md", CAREFUL)

    answer = agent.call("get_procedure", id=doc_id)

    told = {step["id"]: [piece["text"] for piece in step.get("also", ())] for step in answer.data["steps"]}
    assert told == {
        "h1": ["Never stop the broker."],
        "s1": ["Do not do this on Sundays."],
        "s2": [],
        "h3": ["It is kept there for a week."],
    }
    assert "also: Never stop the broker." in answer.text


def test_a_branch_to_a_section_without_steps_names_that_section(agent):
    doc_id = agent.world.has("ops/careful.md", CAREFUL)

    (step,) = agent.call("get_procedure", id=doc_id, step="s2").data["steps"]

    assert step["branches"][0]["leads_to"] == {"kind": "section", "id": "h3", "text": "Archive"}
