"""The pages over a real store with Camden's real pathways."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import cast

import pytest
from flask import Flask

from engine.casework import Casework
from tests.support import house as houses
from tests.support.house import Blueprint, House
from tests.support.visitor import Visitor
from webhooks.app import create_app
from webhooks.settings import Settings


@pytest.fixture(scope="session")
def blueprint(tmp_path_factory: pytest.TempPathFactory) -> Blueprint:
    """Camden's pathways published and its people appointed, once."""
    return houses.draw_up(tmp_path_factory.mktemp("blueprint"))


@pytest.fixture
def house(blueprint: Blueprint, tmp_path: Path) -> Iterator[House]:
    """A database of this test's own."""
    built = houses.build(blueprint, tmp_path)
    yield built
    built.store.close()


@pytest.fixture(scope="session")
def compiled() -> Flask:
    """An application whose templates stay compiled from test to test."""
    return create_app(cast(Casework, None), Settings(secret=houses.SECRET, secure=False))


@pytest.fixture
def app(compiled: Flask, house: House) -> Flask:
    """The pages over this test's own database."""
    compiled.extensions["casework"] = house.casework
    return compiled


@pytest.fixture
def visit(app: Flask, house: House) -> Callable[..., Visitor]:
    """Somebody signed in as a holder of a role: visit('iro'), or visit('iro', 1) for the second one."""

    def signed_in(role: str, number: int = 0) -> Visitor:
        visitor = Visitor(app)
        visitor.sign_in(house.login(role, number))
        return visitor

    return signed_in
