"""The API under schemathesis: requests of every shape get an answer that the document describes, and never a fault."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import schemathesis
from flask import Flask
from hypothesis import HealthCheck, Phase, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.support import house as houses
from tests.support.house import Blueprint
from webhooks.api.described import document

CHECKS = (
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
)
#: Requests for each operation: enough to meet every parameter's odd values, few enough for seconds.
EXAMPLES = 6

SCHEMA = schemathesis.openapi.from_dict(document())


@pytest.fixture(scope="module")
def served(blueprint: Blueprint, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Flask, str]]:
    """Pages over a database of this module's own, with a case under way, and a token that may do everything."""
    house = houses.build(blueprint, tmp_path_factory.mktemp("conforms"))
    house.open_case()
    house.start("CAM-2026-0417")
    by, person = house.person("system_admin"), house.person("head_of_quality_assurance").id
    scopes = ("cases:read", "cases:write", "tasks:read", "tasks:write")
    yield house.app(), house.casework.partnerships.issue_token(by, "person", person, (), scopes, 30)
    house.store.close()


@SCHEMA.parametrize()
@settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
def test_every_answer_is_one_that_the_document_describes(case: schemathesis.Case, served: tuple[Flask, str]) -> None:
    """No request of any shape is a fault; every answer has the status, type, headers and form that were promised."""
    app, token = served
    app.config["PROPAGATE_EXCEPTIONS"] = False
    if "case_id" in case.path_parameters and len(str(case.path_parameters["case_id"])) % 2:
        case.path_parameters["case_id"] = "CAM-2026-0417"
    headers = {**(case.headers or {}), "Authorization": f"Bearer {token}"}
    case.call_and_validate(app=app, headers=headers, checks=list(CHECKS))


def test_the_schemas_are_where_the_document_says() -> None:
    """The document is one that others can read."""
    assert SCHEMA.raw_schema["openapi"] == "3.1.0"
    assert Path(__file__).exists()
