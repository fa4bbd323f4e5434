"""What names one instance and not a kind: numbers, hashes, ids, addresses, time stamps.

By their form alone, so that it can be said of any text. ``s3``, ``k8s``, ``p95``, ``4xx`` and ``http500`` are kinds: a
few digits in one run, beside letters. The ends of generated names have no vowels, which tells ``q8zwk`` from ``e2big``.
"""

import re

_LONGEST_KIND = 64  # characters; a key or a token is longer, and the expressions below take the square of it
_WORD = re.compile(r"[^\W_]+")
_KIND = re.compile(
    r"[^\W\d]+|[^\W\d]+\d{1,3}(?:[^\W\d]{0,2}|[^\W\d]*[aeiou][^\W\d]*)|\d{1,2}[^\W\d]{2,}", re.IGNORECASE
)
_HEXADECIMAL = re.compile(r"(?=[a-f]*\d)[0-9a-f]{7,}|0x[0-9a-f]+", re.IGNORECASE)
_IN_TEXT = re.compile(
    r"""(?<![\w.:-])(?:
        [0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}                                        # UUID
      | \d{4}[-/]\d{2}[-/]\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:[.,]\d{1,9})?)?)?(?:Z|[+-]\d{2}:?\d{2})?   # time stamp
      | \d{1,2}:\d{2}:\d{2}(?:[.,]\d{1,9})?                                              # time of day
      | \d{1,3}(?:\.\d{1,3}){3}(?::\d{1,5})?(?:/\d{1,2})?                                # IPv4, port, network
      | [0-9a-f]{2}(?::[0-9a-f]{2}){5}                                                    # hardware address
      | [0-9a-f]{1,4}(?::[0-9a-f]{0,4}){3,7}                                              # IPv6
    )(?![\w:-]|\.\d)""",
    re.IGNORECASE | re.VERBOSE,
)


def is_instance(word: str) -> bool:
    """Of one word without separators."""
    return len(word) > _LONGEST_KIND or not _KIND.fullmatch(word) or bool(_HEXADECIMAL.fullmatch(word))


def without_instances(text: str) -> str:
    """Without such words, and without what is made of several, like a time stamp."""
    return _WORD.sub(lambda word: " " if is_instance(word[0]) else word[0], _IN_TEXT.sub(" ", text))
