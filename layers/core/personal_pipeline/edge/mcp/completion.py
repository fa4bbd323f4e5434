"""Completes what a person types into arguments of prompts and addresses of resources, with names that they may see."""

from collections.abc import Callable, Mapping, Sequence

from personal_pipeline.domain.errors import PipelineError
from personal_pipeline.domain.search import CallerScope
from personal_pipeline.domain.service_map import ServiceMap, slug
from personal_pipeline.domain.suggestions import Suggestion
from personal_pipeline.edge.mcp.budget import one_line
from personal_pipeline.services.read_structure import ReadStructure

MOST = 20
Suggest = Callable[[str, int, CallerScope], Sequence[Suggestion]]


class Completion:
    def __init__(
        self,
        suggest: Suggest,
        services: Callable[[], ServiceMap],
        sources: Sequence[str],
        read: ReadStructure,
    ) -> None:
        self._suggest = suggest
        self._services = services
        self._sources = sources
        self._read = read

    def __call__(self, argument: str, typed: str, given: Mapping[str, str], scope: CallerScope) -> list[str]:
        """Nothing where nothing is known, or what knows it does not answer: a person can type on."""
        try:
            return self._values(argument, typed, given, scope)[:MOST]
        except PipelineError:
            return []

    def _values(self, argument: str, typed: str, given: Mapping[str, str], scope: CallerScope) -> list[str]:
        if argument == "service":
            seen = [each for each in self._services().services if not each.groups or scope.may_see(each.groups)]
            return [one_line(each.name, 200) for each in seen if slug(each.name).startswith(slug(typed))]
        if argument == "source":
            return [name for name in self._sources if name.startswith(typed.casefold())]
        if argument == "alert":
            return [each.text for each in self._suggest(typed, MOST, scope) if each.kind == "alert"]
        if argument == "id":
            return list(dict.fromkeys(each.doc_id for each in self._suggest(typed, MOST, scope)))
        if argument == "step" and given.get("id"):
            steps = self._read.procedure(given["id"], scope)["steps"]
            return [step["id"] for step in steps if step["id"].startswith(typed)]
        return []
