"""Diagrams without shapes, written in a line or two, to be laid out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

HEAD = (
    '<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" id="file" targetNamespace="t">'
    '<bpmn:collaboration id="whole"><bpmn:participant id="pool" name="Pool" processRef="p" /></bpmn:collaboration>'
)


def nodes(*ids: str) -> str:
    """Elements from ids: s... starts, e... ends, x... asks, f... forks or joins, anything else is a task."""
    kinds = {"s": "startEvent", "e": "endEvent", "x": "exclusiveGateway", "f": "parallelGateway"}
    return "".join(f'<bpmn:{kinds.get(i[0], "userTask")} id="{i}" name="Name of {i}" />' for i in ids)


def arrows(*pairs: str) -> str:
    """Arrows from 'a b' or 'a b words'."""
    found = ""
    for number, pair in enumerate(pairs):
        source, target, *words = pair.split(" ", 2)
        name = f' name="{words[0]}"' if words else ""
        ends = f'sourceRef="{source}" targetRef="{target}"'
        found += f'<bpmn:sequenceFlow id="{source}_{target}_{number}"{name} {ends} />'
    return found


def subprocess(identity: str, *inside: str) -> str:
    """A subprocess around what is inside."""
    return f'<bpmn:subProcess id="{identity}" name="Frame of {identity}">{"".join(inside)}</bpmn:subProcess>'


def boundary(identity: str, host: str) -> str:
    """A boundary event on a host."""
    return f'<bpmn:boundaryEvent id="{identity}" name="Name of {identity}" attachedToRef="{host}" />'


def diagram(*parts: str, lanes: Mapping[str, Sequence[str]] | None = None) -> bytes:
    """A file with one pool, its lanes and these parts."""
    bands = "".join(
        f'<bpmn:lane id="{lane}" name="Lane {lane}">'
        + "".join(f"<bpmn:flowNodeRef>{each}</bpmn:flowNodeRef>" for each in held)
        + "</bpmn:lane>"
        for lane, held in (lanes or {}).items()
    )
    lane_set = f'<bpmn:laneSet id="bands">{bands}</bpmn:laneSet>' if bands else ""
    return (
        f'{HEAD}<bpmn:process id="p" isExecutable="true">{lane_set}{"".join(parts)}</bpmn:process></bpmn:definitions>\n'
    ).encode()
