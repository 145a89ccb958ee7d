"""Parameters as a pathway.toml declares them, and their default changed in its own line."""

from __future__ import annotations

import json
import re

from engine.authorities.parameters import Parameter
from engine.errors import PathwayRefused, Refused
from engine.history import JSON
from engine.pathways.manifest import read_manifest

_HEADER = re.compile(r"^\s*\[\s*parameters\.(?P<name>[a-z][a-z0-9_]*)\s*\]")
_TABLE = re.compile(r"^\s*\[")
_DEFAULT = re.compile(r"^(?P<before>\s*default\s*=\s*)(?P<value>[^#\n]*?)(?P<after>\s*(#.*)?)$")


def declared(content: bytes, path: str) -> list[Parameter]:
    """What a pathway.toml declares; nothing where it cannot be read, which the checks say."""
    try:
        return list(read_manifest(content, path).parameters.values())
    except PathwayRefused:
        return []


def value_of(parameter: Parameter, text: str) -> JSON:
    """What a person wrote as a value of a parameter. Raises ParameterRefused where it is none."""
    text = text.strip()
    value: JSON = text
    if parameter.type == "yes or no":
        value = {"yes": True, "true": True, "no": False, "false": False}.get(text.lower(), text)
    elif parameter.type in ("whole number", "number"):
        try:
            value = int(text) if re.fullmatch(r"[+-]?\d{1,15}", text) else float(text)
        except ValueError:
            value = text
    return parameter.check(value)


def set_default(content: bytes, path: str, name: str, text: str) -> bytes:
    """The file with the default of a parameter changed, and nothing else. Raises Refused, ParameterRefused."""
    parameter = next((one for one in declared(content, path) if one.name == name), None)
    if parameter is None:
        raise Refused(f"{path} declares no parameter {name[:64]}.")
    value = value_of(parameter, text)
    written = json.dumps(value, ensure_ascii=False)
    if parameter.type == "date":
        written = str(value)
    lines, inside = content.decode("utf-8").split("\n"), False
    for number, line in enumerate(lines):
        header = _HEADER.match(line)
        if _TABLE.match(line):
            inside = header is not None and header["name"] == name
        found = _DEFAULT.match(line) if inside else None
        if found is not None:
            lines[number] = f"{found['before']}{written}{found['after']}"
            return "\n".join(lines).encode("utf-8")
    raise Refused(f"The default of {name} does not stand in a line of its own. Change it in the text.")
