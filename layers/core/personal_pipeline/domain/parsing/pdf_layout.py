"""From letters at places to headings, paragraphs, lists, code and tables.

Larger or bold lines are headings, a typewriter's font is code, a number or a bullet at the start of a line is a list,
and pieces that stand below one another in columns are a table. Lines that come back on most pages are left out.
"""

import re
from collections import Counter
from collections.abc import Sequence

from personal_pipeline.domain.parsing.outline import MAX_HEADING
from personal_pipeline.domain.parsing.pdf_lines import (
    MONOSPACED_WIDTH,
    ONLY_MARK,
    SAME,
    Line,
    Piece,
    columns_of,
    crosses,
    filled,
    is_item,
    is_near,
    lines_of,
    place_of,
    rows_of,
    shared_columns,
    without_margins,
)
from personal_pipeline.domain.parsing.writing import Markdown, code, plain

_NUMBERED = re.compile(r"(\d{1,3})[.)]\s+(?=\S)")
_BULLET = re.compile(r"[•◦▪‣●○■□–·∙-]\s+(?=\S)")
_ENDS = (".", "!", "?", ":", ";", ",")
_LARGER = 1.12  # of the text: a heading
_LEADING = 1.75  # font sizes between the lines of one paragraph, at most
_HEADING_LEADING = 1.4
_DEEPEST = 8
_LONGEST_TABLE = 100  # lines that are looked at for its columns; a page has fewer


def write_pages(pages: Sequence[tuple[list[Piece], float]]) -> str:
    lines = [line for number, (pieces, _) in enumerate(pages) for line in lines_of(pieces, number)]
    lines = without_margins(lines, [height for _, height in pages])
    return _Writer(lines).write()


class _Writer:
    def __init__(self, lines: list[Line]) -> None:
        self._lines = lines
        self._page = Markdown()
        sizes: Counter[float] = Counter()
        for line in lines:
            if not line.is_code:
                sizes[line.size] += len(line.text)
        self._body = sizes.most_common(1)[0][0] if sizes else 0.0
        larger = {line.size for line in lines if self._is_larger(line)}
        self._levels = {size: level for level, size in enumerate(sorted(larger, reverse=True), start=1)}
        self._deepest = max(self._levels.values(), default=0)
        self._longest: dict[tuple[int, float], int] = {}
        for line in lines:
            place = round(line.x), line.size
            self._longest[place] = max(self._longest.get(place, 0), len(line.text))
        self._columns_of: dict[str, list[float]] = {}
        self._items: list[float] = []  # where the marker of each open item stands

    def write(self) -> str:
        at = 0
        while at < len(self._lines):
            line = self._lines[at]
            if level := self._level(at):
                at = self._heading(at, level)
            elif (found := self._table_at(at))[1]:
                self._table(self._lines[at : found[0]], found[1])
                at = found[0]
            elif line.is_code:
                at = self._code(at)
            else:
                at = self._paragraph(at)
        return self._page.text

    def _is_larger(self, line: Line) -> bool:
        return bool(self._body) and not line.is_code and line.size > _LARGER * self._body

    def _level(self, at: int) -> int:
        """Bold lines of the text's own size stand below every larger one, if they stand alone."""
        line = self._lines[at]
        if len(line.text) > MAX_HEADING or not any(letter.isalpha() for letter in line.text):
            return 0
        if self._is_larger(line):
            return min(self._levels[line.size], 6)
        is_marked = _NUMBERED.match(line.text) or _BULLET.match(line.text)
        is_alone = line.is_bold and not line.is_code and not line.text.endswith(_ENDS) and not is_marked
        if not is_alone or len(columns_of(line.pieces)) > 1:
            return 0
        following = self._lines[at + 1] if at + 1 < len(self._lines) else None
        if following is not None and self._continues(line, following) and following.is_bold:
            return 0  # a paragraph that is bold
        return min(self._deepest + 1, 6)

    def _heading(self, at: int, level: int) -> int:
        words = [self._lines[at].text]
        end = at + 1
        while (
            end < len(self._lines)
            and self._level(end) == level
            and self._continues(self._lines[end - 1], self._lines[end], _HEADING_LEADING)
        ):
            words.append(self._lines[end].text)
            end += 1
        self._page.heading(level, plain(" ".join(words)))
        self._items.clear()
        return end

    def _continues(self, line: Line, following: Line, leading: float = _LEADING) -> bool:
        """By the space between the two; across pages by the words."""
        if line.page != following.page:
            return not line.text.endswith(_ENDS) and following.text[:1].islower()
        return 0 < line.y - following.y < leading * max(line.size, following.size)

    def _code(self, at: int) -> int:
        found = [self._lines[at]]
        end = at + 1
        while (
            end < len(self._lines)
            and self._lines[end].is_code
            and self._belongs(self._lines[end - 1], self._lines[end])
        ):
            found.append(self._lines[end])
            end += 1
        left = min(line.x for line in found)
        written: list[str] = []
        for number, line in enumerate(found):
            if number and found[number - 1].y - line.y > _LEADING * line.size:
                written.append("")
            indent = round((line.x - left) / (MONOSPACED_WIDTH * line.size))
            written.append(" " * min(indent, 80) + "".join(piece.text for piece in line.pieces).rstrip())
        self._page.code("\n".join(written), "", self._depth(left))
        return end

    def _belongs(self, line: Line, following: Line) -> bool:
        """One block may have an empty line in it, and go on over the page."""
        return line.page != following.page or 0 < line.y - following.y < 2 * _LEADING * line.size

    def _depth(self, x: float) -> int:
        """Of the items whose marker stands left of it."""
        while self._items and self._items[-1] >= x - SAME:
            self._items.pop()
        return len(self._items)

    def _paragraph(self, at: int) -> int:
        line = self._lines[at]
        found = [line]
        end = at + 1
        while end < len(self._lines) and self._is_more(found[0], self._lines[end - 1], end):
            found.append(self._lines[end])
            end += 1
        text = _joined(found)
        words = line.text
        number, bullet = _NUMBERED.match(words), _BULLET.match(words)
        if number or bullet:
            depth = min(self._depth(line.x), _DEEPEST)
            self._items = [*self._items[:depth], line.x]
            marker = number or bullet
            self._page.item(_inline(text, len(marker[0]) if marker else 0), depth, int(number[1]) if number else 0)
        else:
            self._page.paragraph(_inline(text, 0), self._depth(line.x))
        return end

    def _is_more(self, first: Line, line: Line, at: int) -> bool:
        following = self._lines[at]
        if not self._continues(line, following) or following.is_code or self._level(at):
            return False
        if _NUMBERED.match(following.text) or _BULLET.match(following.text) or self._table_at(at)[1]:
            return False
        if self._ends_early(line, following):
            return False
        is_item = _NUMBERED.match(first.text) or _BULLET.match(first.text)
        # text that goes back to the left of an item's own is a paragraph of its own
        return not is_item or following.x > first.x + SAME or bool(ONLY_MARK.match(first.text))

    def _ends_early(self, line: Line, following: Line) -> bool:
        """The next word had room on the line, so the break is meant."""
        most = self._longest[round(line.x), line.size]
        first_word = following.text.partition(" ")[0]
        return len(line.text) + len(first_word) < 0.75 * most and not following.text[:1].islower()

    def _table_at(self, at: int) -> tuple[int, list[float]]:
        """The line after it, and where its columns begin; ``at`` where there is no table."""
        first = self._lines[at]
        if len(columns_of(first.pieces)) < 2 or is_item(first):
            return at, []
        most = min(len(self._lines), at + _LONGEST_TABLE)
        end = at + 1
        while end < most and is_near(self._lines[end - 1], self._lines[end]) and not is_item(self._lines[end]):
            end += 1
        columns = self._columns_of.get(first.text) or shared_columns(self._lines[at:end])
        last = at
        while last < end and not any(crosses(piece, x) for piece in self._lines[last].pieces for x in columns):
            if last > at and self._level(last):
                break
            last += 1
        rows = rows_of(self._lines[at:last], columns)
        while rows and len(filled(rows[-1], columns)) < 2:
            rows.pop()  # what follows the table, and is short
        if len(columns) < 2 or len(rows) < 2:
            return at, []
        self._columns_of = {first.text: columns}  # for the next page, where its head is repeated
        return at + sum(map(len, rows)), columns

    def _table(self, lines: list[Line], columns: list[float]) -> None:
        depth = self._depth(columns[0])
        cells: list[list[list[Piece]]] = []
        for row in rows_of(lines, columns):
            cells.append([[] for _ in columns])
            for line in row:
                for piece in line.pieces:
                    cells[-1][place_of(piece, columns)].append(piece)
        self._page.table([[_inline(_runs(cell), 0) for cell in row] for row in cells], depth)


def _runs(pieces: Sequence[Piece]) -> list[tuple[str, bool]]:
    """Words with whether they are code; neighbours of one kind are one."""
    found: list[tuple[str, bool]] = []
    for number, piece in enumerate(pieces):
        is_same_line = number > 0 and abs(piece.y - pieces[number - 1].y) < 0.35 * piece.size
        text = piece.text if is_same_line or not found else f" {piece.text.lstrip()}"
        if found and found[-1][1] == piece.is_code:
            found[-1] = (found[-1][0] + text, piece.is_code)
        else:
            found.append((text, piece.is_code))
    return found


def _joined(lines: Sequence[Line]) -> list[tuple[str, bool]]:
    """A word that was cut at the end of a line keeps its hyphen: nobody knows whether it had it before."""
    found: list[tuple[str, bool]] = []
    for line in lines:
        pieces = [(piece.text, piece.is_code) for piece in line.pieces]
        if found and not found[-1][0].endswith((" ", "-")):
            pieces.insert(0, (" ", pieces[0][1] and found[-1][1]))
        for text, is_code in pieces:
            if found and found[-1][1] == is_code:
                found[-1] = (found[-1][0] + text, is_code)
            else:
                found.append((text, is_code))
    return found


def _inline(runs: Sequence[tuple[str, bool]], skipped: int) -> str:
    """As Markdown, without so many characters at the start: the marker of an item."""
    parts: list[str] = []
    for text, is_code in runs:
        words = text.lstrip() if not parts else text
        if skipped and not parts:
            words, skipped = words[skipped:], max(0, skipped - len(words))
        if not words.strip():
            parts += [" "] if parts else []
        elif is_code:
            before, after = words[: len(words) - len(words.lstrip())], words[len(words.rstrip()) :]
            parts.append(f"{before and ' '}{code(words)}{after and ' '}")
        else:
            before, after = " " if words[0].isspace() else "", " " if words[-1].isspace() else ""
            parts.append(before + plain(" ".join(words.split()), goes_on=bool(parts)) + after)
    return "".join(parts).strip()
