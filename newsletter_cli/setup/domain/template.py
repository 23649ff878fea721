"""Reading a CloudFormation template: which of its resources there will be."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any


def defaults(template: Mapping[str, Any]) -> dict[str, str]:
    """Return the parameters of a template with their defaults, as text."""
    return {name: str(each.get("Default", "")) for name, each in template["Parameters"].items()}


def counted(template: Mapping[str, Any], parameters: Mapping[str, str], region: str) -> Counter[str]:
    """Return how many resources of each type a template makes with these parameters.

    Args:
        template: With the short forms of functions written out.
        parameters: All of them; pseudo parameters come from here too.
        region: Of the stack.
    """
    values = {**parameters, "AWS::Region": region}
    conditions = template.get("Conditions", {})
    return Counter(
        str(each["Type"])
        for each in template["Resources"].values()
        if "Condition" not in each or _holds({"Condition": each["Condition"]}, conditions, values)
    )


def _holds(expression: Any, conditions: Mapping[str, Any], values: Mapping[str, str]) -> bool:
    match expression:
        case {"Condition": str(name)}:
            return _holds(conditions[name], conditions, values)
        case {"Fn::Not": [inner]}:
            return not _holds(inner, conditions, values)
        case {"Fn::And": list(parts)}:
            return all(_holds(part, conditions, values) for part in parts)
        case {"Fn::Or": list(parts)}:
            return any(_holds(part, conditions, values) for part in parts)
        case {"Fn::Equals": [left, right]}:
            return _text(left, values) == _text(right, values)
    raise ValueError(f"a condition of template.yaml that is not understood: {expression}")


def _text(expression: Any, values: Mapping[str, str]) -> str:
    match expression:
        case {"Ref": str(name)}:
            return str(values.get(name, ""))
        case {"Fn::Join": [str(mark), inner]}:
            return _text(inner, values) if isinstance(inner, dict) else mark.join(_text(each, values) for each in inner)
    return str(expression)
