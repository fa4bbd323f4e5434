import pytest

from personal_pipeline.domain.plain_words import plain_words


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Run `df -h <mount>` on **every** node", "Run df -h <mount> on every node"),
        ("see *New credentials*, or *New", "see New credentials, or New"),
        ("Peak:** raise the limit", "Peak: raise the limit"),
        ("go to [Purge](#purge) and ![a picture](x.png)", "go to Purge and a picture"),
        ("never `KEYS *` or `__all__`, 2 * 3", "never KEYS * or __all__, 2 * 3"),
        ("``a`b`` and a stray ` tick", "ab and a stray  tick"),
        ("", ""),
    ],
)
def test_marks_go_and_words_and_code_stay(text: str, words: str) -> None:
    assert plain_words(text) == words
