"""Looks at cases are told by the page that they came through, in words."""

from __future__ import annotations

from webhooks.routes import application
from webhooks.sittings import titled


def test_a_look_through_any_route_of_a_case_is_told_in_words() -> None:
    """Who reads that somebody looked reads a page's heading or what was done, and no route's own name."""
    rules = [rule for rule in application().url_map.iter_rules() if "case_id" in rule.arguments]
    names = {rule.endpoint.split(".")[-1].replace("_", " ") for rule in rules}
    assert len(names) > 40

    assert [] == sorted(name for name in names if titled(f"case ({name})").startswith("Case:"))


def test_a_look_is_told_by_its_own_words_where_its_route_says_no_more() -> None:
    """A page's heading for a look at the case; what was looked at where it was no whole case."""
    told = {"case": "Case", "case (record facts)": "Record facts", "task (asked)": "Task", "film": "Film"}
    assert told == {what: titled(what) for what in told}
