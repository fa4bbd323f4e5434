"""docutils, taught to keep what it does not know, and to touch nothing but the text it is given.

Directives are looked up in a registry of the process, and a document may add roles to it: both are
replaced here, per parser, so that one document leaves no trace in the next.
"""

import re
from copy import copy
from functools import cache
from html import unescape
from typing import Any

from docutils import frontend, nodes, utils
from docutils.parsers.rst import Directive, Parser, states

_DIRECTIVE = re.compile(r"\.\.[ ]+[^\s:][^:\n]{0,100}(?::[^\s:][^:\n]{0,100}){0,3}[ ]?::(?:[ ]+|$)")
_EXPLICIT_TARGET = re.compile(r"(.*\S)\s*<[^<>]{1,500}>$", re.DOTALL)
_MARKUP = re.compile(r"<[^<>]{1,1000}>")
_ICON_ROLES = frozenset(
    {"octicon", "fa", "fab", "fas", "far", "material-regular", "material-outlined", "material-round"}
)
_SILENT = """
    toctree contents sectnum include literalinclude index meta role default-role date highlight currentmodule module
    py:module autosummary tabularcolumns
""".split()  # noqa: SIM905 - a list of names reads best as names
_CODE = ("code", "code-block", "sourcecode", "prompt")


class _AnyOption(dict[str, Any]):
    """Accepts every option with any value."""

    def __missing__(self, name: str) -> Any:
        return lambda value: value or ""


class _Tolerant(Directive):
    optional_arguments = 1
    final_argument_whitespace = True
    option_spec = _AnyOption(name=str)  # an empty one would not be asked
    has_content = True


class _Silent(_Tolerant):
    """About the site, not about the subject."""

    def run(self) -> list[nodes.Node]:
        return []


class _Kept(_Tolerant):
    """What it is for is not known: its words are read on."""

    def run(self) -> list[nodes.Node]:
        kept = nodes.container()
        if self.arguments:
            children, _ = self.state.inline_text(self.arguments[0], self.lineno)
            argument = nodes.paragraph(self.arguments[0], "", *children)
            argument.line = self.lineno
            kept += argument
        self.state.nested_parse(self.content, self.content_offset, kept)
        return [kept]


class _Code(_Tolerant):
    def run(self) -> list[nodes.Node]:
        code = "\n".join(self.content)
        block = nodes.literal_block(code, code, classes=self.arguments[:1])
        block.line = self.content_offset + 1
        return [block]


class _Raw(_Tolerant):
    """HTML for the web page: its words alone."""

    def run(self) -> list[nodes.Node]:
        words = unescape(_MARKUP.sub(" ", "\n".join(self.content)))
        paragraph = nodes.paragraph(self.content[0] if self.content else "", " ".join(words.split()))
        paragraph.line = self.content_offset + 1
        return [paragraph]


_OURS: dict[str, type[Directive]] = {
    **dict.fromkeys(_SILENT, _Silent),
    **dict.fromkeys(_CODE, _Code),
    "raw": _Raw,
}


class _TolerantState:
    """Mixed into each of docutils' states, which find one another by class name."""

    nested_sm_cache: list[Any] = []  # noqa: RUF012 - its own: docutils' holds machines with docutils' states

    def __init__(self, state_machine: Any, debug: bool = False) -> None:
        super().__init__(state_machine, debug)  # type: ignore[call-arg]
        self.nested_sm_kwargs = {"state_classes": STATES, "initial_state": "Body"}

    def run_directive(self, directive: Any, match: Any, type_name: str, option_presets: Any) -> Any:
        name = type_name.lower()
        ours = _OURS.get(name) or (_Code if name.endswith("-code") else directive)
        return super().run_directive(ours, match, type_name, option_presets)  # type: ignore[misc]

    def unknown_directive(self, type_name: str) -> Any:
        match = _DIRECTIVE.match(self.state_machine.line)  # type: ignore[attr-defined]
        if match is None:
            return super().unknown_directive(type_name)  # type: ignore[misc]
        return self.run_directive(_Kept, match, type_name, {})


STATES = tuple(type(state.__name__, (_TolerantState, state), {}) for state in states.state_classes)


def tolerant_inliner() -> Any:
    """No subclass: docutils reads its patterns from the variables of the very class."""
    inliner: Any = states.Inliner()
    inliner.interpreted = _words_of_role
    return inliner


def _words_of_role(rawsource: str, text: str, role: str, _line: int) -> Any:
    """Any role is its words: ``:ref:`Upgrading <upgrade>``` is Upgrading."""
    words = utils.unescape(text)
    if role.lower() in _ICON_ROLES:
        return [], []
    if target := _EXPLICIT_TARGET.match(words):
        words = target[1]
    return [nodes.inline(rawsource, words)], []


def quiet_settings() -> Any:
    return copy(_settings())


@cache
def _settings() -> Any:
    settings = frontend.get_default_settings(Parser)
    settings.file_insertion_enabled = False
    settings.raw_enabled = False
    settings.report_level = settings.halt_level = 5
    settings.warning_stream = False
    settings.syntax_highlight = "none"
    settings._disable_config = True  # noqa: SLF001 - docutils' own name for it
    return settings
