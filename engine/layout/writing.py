"""Writes a picture into its BPMN file: only the drawing part changes, every other byte stays."""

from __future__ import annotations

import re

from engine.layout.drawing import HOLDING, Drawing
from engine.layout.geometry import Box
from engine.layout.picture import Picture

_DRAWN = re.compile(rb"[ \t]*<(?P<p>[\w.\-]+:)?BPMNDiagram\b.*?</(?P=p)BPMNDiagram\s*>[ \t]*\r?\n?", re.DOTALL)
_DRAWN_PLAIN = re.compile(rb"[ \t]*<BPMNDiagram\b.*?</BPMNDiagram\s*>[ \t]*\r?\n?", re.DOTALL)
_CLOSING = re.compile(rb"[ \t]*</(?:[\w.\-]+:)?definitions\s*>\s*$")
_NAMESPACES = {
    "bpmndi": "http://www.omg.org/spec/BPMN/20100524/DI",
    "dc": "http://www.omg.org/spec/DD/20100524/DC",
    "di": "http://www.omg.org/spec/DD/20100524/DI",
    "bioc": "http://bpmn.io/schema/bpmn/biocolor/1.0",
}


def written(content: bytes, drawing: Drawing, picture: Picture) -> bytes:
    """The file with this picture in it."""
    bare = _DRAWN_PLAIN.sub(b"", _DRAWN.sub(b"", content))
    closing = _CLOSING.search(bare)
    assert closing is not None
    diagram = "\n".join(_diagram(drawing, picture)) + "\n"
    return bare[: closing.start()] + diagram.encode("utf-8") + bare[closing.start() :]


def _diagram(drawing: Drawing, picture: Picture) -> list[str]:
    known = drawing.root.nsmap
    spaces = "".join(
        f' xmlns:{prefix}="{space}"' for prefix, space in _NAMESPACES.items() if known.get(prefix) != space
    )
    lines = [
        f'  <bpmndi:BPMNDiagram{spaces} id="{drawing.plane}_diagram">',
        f'    <bpmndi:BPMNPlane id="{drawing.plane}_plane" bpmnElement="{drawing.plane}">',
    ]
    for pool in drawing.pools:
        if pool.shape in picture.shapes:
            lines += _shape(drawing, picture, pool.shape or "", ' isHorizontal="true"')
        for lane, _ in pool.lanes:
            if lane in picture.shapes:
                lines += _shape(drawing, picture, lane, ' isHorizontal="true"')
    for node in drawing.nodes.values():
        if node.id in picture.shapes:
            extra = ""
            if node.kind in HOLDING:
                extra = ' isExpanded="true" bioc:fill="none"'
            elif node.kind == "exclusiveGateway":
                extra = ' isMarkerVisible="true"'
            lines += _shape(drawing, picture, node.id, extra)
    for arrow in drawing.arrows:
        if arrow.id in picture.lines:
            lines.append(f'      <bpmndi:BPMNEdge id="{arrow.id}_line" bpmnElement="{arrow.id}">')
            lines += [f'        <di:waypoint x="{_n(p.x)}" y="{_n(p.y)}" />' for p in picture.lines[arrow.id]]
            if arrow.id in picture.labels:
                lines += _label(picture.labels[arrow.id])
            lines.append("      </bpmndi:BPMNEdge>")
    return [*lines, "    </bpmndi:BPMNPlane>", "  </bpmndi:BPMNDiagram>"]


def _shape(drawing: Drawing, picture: Picture, identity: str, extra: str) -> list[str]:
    lines = [
        f'      <bpmndi:BPMNShape id="{identity}_shape" bpmnElement="{identity}"{extra}>',
        f"        {_bounds(picture.shapes[identity])}",
    ]
    if identity in picture.labels:
        lines += _label(picture.labels[identity])
    return [*lines, "      </bpmndi:BPMNShape>"]


def _label(box: Box) -> list[str]:
    return ["        <bpmndi:BPMNLabel>", f"          {_bounds(box)}", "        </bpmndi:BPMNLabel>"]


def _bounds(box: Box) -> str:
    return f'<dc:Bounds x="{_n(box.x)}" y="{_n(box.y)}" width="{_n(box.width)}" height="{_n(box.height)}" />'


def _n(value: float) -> str:
    return str(round(value))
