"""Reads a CloudFormation template and resolves its intrinsic functions to plain values.

Only what has a meaning outside CloudFormation is resolved; any other function is an error that names
the place, so that a template never half works here.
"""

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import yaml

from personal_pipeline.domain.errors import RejectedError


class TemplateError(RejectedError):
    pass


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]  # libyaml: ten times faster
    pass


def _intrinsic(loader: Any, suffix: str, node: yaml.Node) -> dict[str, Any]:
    if isinstance(node, yaml.ScalarNode):
        value: Any = loader.construct_scalar(node)
    elif isinstance(node, yaml.SequenceNode):
        value = loader.construct_sequence(node, deep=True)
    else:
        value = loader.construct_mapping(node, deep=True)
    if suffix == "GetAtt" and isinstance(value, str):
        value = value.split(".", 1)
    return {suffix if suffix in {"Ref", "Condition"} else f"Fn::{suffix}": value}


_Loader.add_multi_constructor("!", _intrinsic)

Reference = Callable[[str, str], str]
"""The value of one attribute of one resource; the attribute is empty for ``Ref``."""

_NOTHING = object()  # AWS::NoValue: the property is as if never written


class Template:
    def __init__(
        self,
        body: Mapping[str, Any],
        parameters: Mapping[str, str],
        pseudo: Mapping[str, str],
        where: str = "template",
    ) -> None:
        self.where = where
        self._pseudo = pseudo
        self._mappings = body.get("Mappings", {})
        self._conditions = body.get("Conditions", {})
        self._parameters = self._parameter_values(body.get("Parameters", {}), parameters)
        self._reference: Reference = lambda name, attribute: f"{name}.{attribute}" if attribute else name
        declared = body.get("Resources", {})
        self.resources: dict[str, Mapping[str, Any]] = {
            name: resource
            for name, resource in declared.items()
            if "Condition" not in resource or self._condition(resource["Condition"])
        }
        self.function_globals: Mapping[str, Any] = body.get("Globals", {}).get("Function", {})
        self.api_globals: Mapping[str, Any] = body.get("Globals", {}).get("HttpApi", {})
        self._declared = set(declared)

    @classmethod
    def read(cls, path: Path, parameters: Mapping[str, str], pseudo: Mapping[str, str]) -> "Template":
        try:
            body = yaml.load(path.read_text(encoding="utf-8"), Loader=_Loader)  # noqa: S506  # a safe loader
        except OSError as error:
            raise TemplateError(f"{path} cannot be read: {error.strerror}") from error
        except yaml.YAMLError as error:
            raise TemplateError(f"{path} is not YAML: {error}") from error
        if not isinstance(body, dict) or "Resources" not in body:
            raise TemplateError(f"{path} has no Resources: it is not a CloudFormation template")
        return cls(body, parameters, pseudo, str(path))

    def resolve_with(self, reference: Reference) -> None:
        """From now on, references to resources have these values."""
        self._reference = reference

    def value(self, node: Any) -> Any:
        """The node with every intrinsic function resolved; absent values are taken out."""
        resolved = self._resolve(node)
        return None if resolved is _NOTHING else resolved

    def _parameter_values(self, declared: Mapping[str, Any], given: Mapping[str, str]) -> dict[str, Any]:
        if unknown := set(given) - set(declared):
            raise TemplateError(f"{self.where} has no parameter {', '.join(sorted(unknown))}")
        values: dict[str, Any] = {}
        for name, parameter in declared.items():
            value = given.get(name, parameter.get("Default"))
            if value is None:
                continue  # an error only where it is used
            allowed = [str(choice) for choice in parameter.get("AllowedValues", [])]
            if allowed and str(value) not in allowed:
                raise TemplateError(f"parameter {name} is {value!r}: one of {', '.join(allowed)} is wanted")
            is_list = parameter.get("Type") == "CommaDelimitedList"
            values[name] = str(value).split(",") if is_list else str(value)
        return values

    def _resolve(self, node: Any) -> Any:
        if isinstance(node, list):
            return [item for item in map(self._resolve, node) if item is not _NOTHING]
        if not isinstance(node, dict):
            return node
        if len(node) == 1:
            function, argument = next(iter(node.items()))
            if function == "Ref":
                return self._ref(str(argument))
            if str(function).startswith("Fn::"):
                return self._call(function, argument)
        resolved = {key: self._resolve(value) for key, value in node.items()}
        return {key: value for key, value in resolved.items() if value is not _NOTHING}

    def _ref(self, name: str) -> Any:
        if name == "AWS::NoValue":
            return _NOTHING
        if name in self._pseudo:
            return self._pseudo[name]
        if name in self._parameters:
            return self._parameters[name]
        if name in self._declared:
            return self._reference(name, "")
        raise TemplateError(f"{self.where}: {name} is neither a resource nor a parameter with a value")

    def _call(self, function: str, argument: Any) -> Any:
        match function, argument:
            case "Fn::GetAtt", [str(name), *attribute]:
                return self._reference(name, ".".join(map(str, attribute)))
            case "Fn::Sub", str(text):
                return self._substitute(text, {})
            case "Fn::Sub", [str(text), dict(variables)]:
                return self._substitute(text, self._resolve(variables))
            case "Fn::If", [str(condition), yes, no]:
                return self._resolve(yes if self._condition(condition) else no)
            case "Fn::Join", [separator, items]:
                return str(separator).join(map(str, self._resolve(items)))
            case "Fn::Select", [index, items]:
                return self._resolve(items)[int(self._resolve(index))]
            case "Fn::Split", [separator, text]:
                return str(self._resolve(text)).split(separator)
            case "Fn::FindInMap", [mapping, first, second]:
                return self._mappings[self._resolve(mapping)][self._resolve(first)][self._resolve(second)]
            case (("Fn::Equals" | "Fn::And" | "Fn::Or" | "Fn::Not"), list()):
                return self._test(function, argument)
        raise TemplateError(f"{self.where}: {function} cannot be played outside CloudFormation ({argument!r})")

    def _substitute(self, text: str, variables: Mapping[str, Any]) -> str:
        def one(found: re.Match[str]) -> str:
            name = found[1]
            if name.startswith("!"):
                return "${" + name[1:] + "}"
            if name in variables:
                return str(variables[name])
            resource, _, attribute = name.partition(".")
            return str(self._reference(resource, attribute) if attribute else self._ref(name))

        return re.sub(r"\$\{([^}]+)\}", one, text)

    def _condition(self, name: str) -> bool:
        if name not in self._conditions:
            raise TemplateError(f"{self.where}: condition {name} is not declared")
        return self._truth(self._conditions[name])

    def _truth(self, node: Any) -> bool:
        if isinstance(node, dict) and set(node) == {"Condition"}:
            return self._condition(node["Condition"])
        if isinstance(node, dict) and len(node) == 1:
            return self._test(*next(iter(node.items())))
        raise TemplateError(f"{self.where}: {node!r} is no condition")

    def _test(self, function: str, argument: list[Any]) -> bool:
        match function:
            case "Fn::Equals":
                left, right = (self._resolve(side) for side in argument)
                return str(left) == str(right)
            case "Fn::And":
                return all(map(self._truth, argument))
            case "Fn::Or":
                return any(map(self._truth, argument))
            case "Fn::Not":
                return not self._truth(argument[0])
        raise TemplateError(f"{self.where}: {function} is no condition")
