"""The guard on compile and exec sees what it must see."""

from __future__ import annotations

import sys
from pathlib import Path

import jinja2
import pytest

from tests.support.audit import CodeMade, only_known_compilers


@pytest.mark.parametrize("make_code", [lambda: eval("1 + 1"), lambda: exec("pass"), lambda: compile("1", "a", "eval")])
def test_code_made_by_anyone_else_is_refused(make_code):
    """eval, exec and compile raise inside the guarded block."""
    with pytest.raises(CodeMade), only_known_compilers():
        make_code()


def test_a_swallowed_refusal_is_still_reported():
    """Code that catches the refusal does not get past the guard: the block itself fails."""
    with pytest.raises(CodeMade, match="give it to engine.feel"), only_known_compilers():
        try:
            eval("1 + 1")
        except AssertionError:
            pass


def test_code_made_from_within_a_template_is_refused():
    """Standing below the template engine gives a function no leave of its own."""
    template = jinja2.Environment(autoescape=True).from_string("{{ make() }}")

    with pytest.raises(CodeMade), only_known_compilers():
        template.render(make=lambda: eval("1 + 1"))


def test_imports_and_templates_go_through(tmp_path: Path, monkeypatch):
    """An import may compile its module, dataclasses included, and the template engine its template."""
    (tmp_path / "imported_once_here.py").write_text(
        "import dataclasses\n@dataclasses.dataclass\nclass A:\n    b: int\n"
    )
    monkeypatch.syspath_prepend(tmp_path)

    with only_known_compilers():
        import imported_once_here

        text = jinja2.Environment(autoescape=True).from_string("{{ 1 + 1 }}").render()

    assert "2" == text
    assert 3 == imported_once_here.A(3).b
    del sys.modules["imported_once_here"]


def test_outside_the_block_nothing_is_held_back():
    """The guard asks only while a block is open."""
    assert 2 == eval("1 + 1")
