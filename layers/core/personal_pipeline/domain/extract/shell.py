"""Lines of a shell as words and simple commands, without running anything.

Quotes, substitutions and operators are understood as far as telling programs from their words needs it. What cannot
be read to its end is read as far as it goes.
"""

import re

_TOKEN = re.compile(
    r"'[^']*'?|\"(?:\\.|[^\"\\])*\"?|\$\((?!\()|\\.|&&|\|\||>>?&?\d?|<<<?-?|[0-9]>&[0-9-]|[;&|()\n]|"
    r"\s+|#|`|[^\s'\"\\;&|()<>`$#]+|.",
    re.DOTALL,
)
_PLACE = re.compile(r"<(?![<(])[A-Za-z][\w .:/|-]{0,60}>")
_MOST_WORDS = 2000
_DEEPEST = 20  # substitutions in substitutions


def simple_commands(line: str) -> list[list[str]]:
    """The words of each simple command, in order; those in ``$( )`` and in process substitutions are commands too."""
    commands: list[list[str]] = []
    words: list[str] = []
    word: str | None = None
    in_comment = False
    around: list[tuple[list[str], str]] = []  # of the open substitutions, what they stand in

    def end_word() -> None:
        nonlocal word
        if word is not None and len(words) < _MOST_WORDS:
            words.append(word)
        word = None

    for found in _TOKEN.finditer(_PLACE.sub("PLACE", line)):
        piece = found[0]
        if in_comment:
            in_comment = "\n" not in piece
            continue
        if piece == "\\\n" or (piece.isspace() and "\n" not in piece):
            end_word()
        elif piece == "#" and word is None:
            in_comment = True
        elif piece == "$(" and len(around) < _DEEPEST:
            around.append((words, word or ""))
            words, word = [], None
        elif piece == ")" and around:
            end_word()
            if words:
                commands.append(words)
            words, word = around.pop()
            word += "_"
        elif piece in ("&&", "||", ";", "|", "&", "(", ")", "\n", "$(", "`") or ("\n" in piece and piece.isspace()):
            end_word()
            if words:
                commands.append(words)
            words = []
        elif piece[0] in "><" or (len(piece) > 1 and piece[1:2] == ">"):
            end_word()
            words.append(piece)
        elif piece[0] == '"' and "$(" in piece:
            word = (word or "") + piece[1:-1]
            commands += simple_commands_in(piece)
        else:
            word = (word or "") + _unquoted(piece)
    end_word()
    for left in [words, *(outer for outer, _ in around)]:
        if left:
            commands.append(left)
    return commands


def simple_commands_in(quoted: str) -> list[list[str]]:
    """Of the substitutions in a word in double quotes, one level deep."""
    return [found for inside in re.findall(r"\$\(([^()]{1,500})\)", quoted) for found in simple_commands(inside)]


def _unquoted(piece: str) -> str:
    if piece[0] in "'\"":
        return piece[1:-1] if len(piece) > 1 and piece[-1] == piece[0] else piece[1:]
    return piece[1:] if piece[0] == "\\" and len(piece) > 1 else piece


def is_open(line: str) -> bool:
    """Whether a quote or a bracket of ``$(`` is still open at its end, so that the next line belongs to it."""
    if "'" not in line and '"' not in line and "$(" not in line:
        return False
    quote = ""
    depth = 0
    skip = False
    for place, sign in enumerate(line):
        if skip:
            skip = False
        elif sign == "\\" and quote != "'":
            skip = True
        elif quote:
            quote = "" if sign == quote else quote
        elif sign in "'\"":
            quote = sign
        elif sign == "#" and (place == 0 or line[place - 1].isspace()):
            return depth > 0
        elif sign == "(" and line[place - 1 : place] == "$":
            depth += 1
        elif sign == ")" and depth:
            depth -= 1
    return bool(quote) or depth > 0
