"""What can be proved of a decision table before anybody relies on it: gaps, forbidden overlaps, rules that never fire.

Every finding has a concrete example. Nothing is sampled: the pieces of each column are exact, and the cover is exact.
A cell that is no constant is taken once as matching nothing and once as matching everything; where the two disagree
the table is undecided, and says which cell is to blame.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from operator import or_
from typing import Any

from engine.dmn.analyse.cover import Box, Crossing, Fuel, OutOfFuel, meet, uncovered
from engine.dmn.analyse.space import Space
from engine.dmn.errors import Place
from engine.dmn.evaluate import Model
from engine.dmn.pieces import bits
from engine.dmn.tables import Table
from engine.errors import Finding
from engine.feel.operators import same

#: How many states one proof may look at; tables of policies need some hundreds.
FUEL = 60_000

#: How many findings of one kind are told.
TOLD = 50


@dataclass(frozen=True, slots=True)
class Gap:
    """A part of the inputs for which no rule applies: one example, as JSON by input expression, and a sentence."""

    example: Mapping[str, Any]
    sentence: str


@dataclass(frozen=True, slots=True)
class Overlap:
    """Two rules that both apply where the hit policy allows one."""

    rules: tuple[int, int]
    example: Mapping[str, Any]
    sentence: str


@dataclass(frozen=True, slots=True)
class Unreachable:
    """A rule that can never decide: `example` meets its cells but others decide it; None when nothing meets them.

    else_row  it is the last row of a FIRST table and asks nothing: a safeguard that many draw under each table
    """

    rule: int
    by: tuple[int, ...]
    example: Mapping[str, Any] | None
    sentence: str
    else_row: bool = False


@dataclass(frozen=True, slots=True)
class Proof:
    """What was proved of the tables of one decision.

    complete          True: some rule applies to every input, or a default does; False: there are gaps; None: undecided
    undecided_reason  why something could not be decided; such a table cannot be published
    more              whether there are further gaps or overlaps than the ones told
    """

    place: Place
    complete: bool | None
    gaps: tuple[Gap, ...] = ()
    overlaps: tuple[Overlap, ...] = ()
    unreachable: tuple[Unreachable, ...] = ()
    undecided_reason: str | None = None
    more: bool = False
    gaps_forbidden: bool = True

    @property
    def sound(self) -> bool:
        """Whether nothing stands against publishing the table."""
        return (
            self.undecided_reason is None
            and not self.overlaps
            and all(rule.else_row for rule in self.unreachable)
            and not (self.gaps and self.gaps_forbidden)
        )

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Return what stands against publishing as refusals; gaps of a table that may give an empty list as advice."""
        return tuple(self._findings())

    def _findings(self) -> Iterator[Finding]:
        gap = "refusal" if self.gaps_forbidden else "advice"
        for severity, items, mend in (
            (gap, self.gaps, "Add a rule for it, or a default."),
            ("refusal", self.overlaps, "Narrow one of the rules."),
            (
                "refusal",
                [each for each in self.unreachable if not each.else_row],
                "Remove the rule, or put it where it can apply.",
            ),
            (
                "advice",
                [each for each in self.unreachable if each.else_row],
                "The rows above are complete: leave it as a safeguard, or remove it.",
            ),
        ):
            for item in items:
                yield self._finding(severity, item.sentence, mend)
        if self.undecided_reason is not None:
            yield self._finding("refusal", self.undecided_reason, "Compare inputs with constants only.")

    def _finding(self, severity: str, message: str, mend: str) -> Finding:
        return Finding(severity, self.place.file, self.place.inside, self.place.element, message, mend)


def prove(model: Model, decision_id: str, *, fuel: int = FUEL) -> Proof:
    """Prove every table of a decision or knowledge model, by id or name. Raises NoSuchDecision."""
    tables = model.tables(decision_id)
    if not tables:
        name = next(element.name for element in model.logic if decision_id in (element.id, element.name))
        return Proof(Place(model.file, name), None, undecided_reason="There is no decision table to prove.")
    proofs = [prove_table(table, fuel=fuel) for table in tables]
    return proofs[0] if len(proofs) == 1 else _together(proofs)


def prove_all(model: Model, *, fuel: int = FUEL) -> tuple[Proof, ...]:
    """Prove every table of a file, one proof per table."""
    return tuple(prove_table(table, fuel=fuel) for element in model.logic for table in model.tables(element.id))


def prove_table(table: Table, *, fuel: int = FUEL) -> Proof:
    """Prove one table."""
    return _TableProof(table, fuel).proof()


def _together(proofs: Sequence[Proof]) -> Proof:
    answers = {proof.complete for proof in proofs}
    reasons = [proof.undecided_reason for proof in proofs if proof.undecided_reason is not None]
    return Proof(
        place=Place(proofs[0].place.file, proofs[0].place.element),
        complete=False if False in answers else None if None in answers else True,
        gaps=tuple(gap for proof in proofs for gap in proof.gaps),
        overlaps=tuple(overlap for proof in proofs for overlap in proof.overlaps),
        unreachable=tuple(rule for proof in proofs for rule in proof.unreachable),
        undecided_reason=" ".join(reasons) or None,
        more=any(proof.more for proof in proofs),
        gaps_forbidden=any(proof.gaps_forbidden for proof in proofs),
    )


@dataclass
class _TableProof:
    table: Table
    fuel: int
    reasons: list[str] = field(default_factory=list)
    more: bool = False

    def __post_init__(self) -> None:
        self.tank = Fuel(self.fuel)

    def proof(self) -> Proof:
        table = self.table
        gaps: list[Gap] = []
        overlaps: list[Overlap] = []
        unreachable: list[Unreachable] = []
        complete: bool | None = None
        try:
            self.space = Space(table, self.tank)
            gaps, complete = self._gaps()
            overlaps = self._overlaps()
            unreachable = self._unreachable()
        except OutOfFuel:
            self.reasons.append(
                f"The table is too large to decide: {len(table.columns)} inputs, {len(table.entries)} rules."
            )
        return Proof(
            place=table.place,
            complete=complete,
            gaps=tuple(gaps),
            overlaps=tuple(overlaps),
            unreachable=tuple(unreachable),
            undecided_reason=" ".join(dict.fromkeys(self.reasons)) or None,
            more=self.more,
            gaps_forbidden=table.facts.hit_policy in "UAPF" or table.facts.aggregation in ("+", "<", ">"),
        )

    # --- gaps

    def _gaps(self) -> tuple[list[Gap], bool | None]:
        if self.table.has_default:
            return [], True
        space = self.space
        certain = uncovered(space.whole, space.surely, self.tank, most=TOLD + 1)
        if not certain:
            return [], True
        found = certain if space.constant else uncovered(space.whole, space.perhaps, self.tank, most=TOLD + 1)
        if space.doubt is not None:
            self.reasons.append(space.doubt)
            return [], None
        gaps = [self._gap(part) for box in found for part in self.space.parts(box)]
        if len(gaps) > TOLD:
            gaps, self.more = gaps[:TOLD], True
        if not gaps:
            self.reasons.append(self.space.why_not_constant())
            return [], None
        return gaps, False

    def _gap(self, box: Box) -> Gap:
        example = self.space.example(box)
        return Gap(example, f"{self.space.words(box)}: no rule applies.")

    # --- overlaps

    def _overlaps(self) -> list[Overlap]:
        policy = self.table.facts.hit_policy
        if policy not in "UAP":
            return []
        ranks = self._ranks() if policy == "P" else None
        if policy == "P" and ranks is None:
            return []
        found: list[Overlap] = []
        unsure = False
        for one, other in self._pairs():
            if ranks is not None and ranks[one] != ranks[other]:
                continue
            if policy != "U":
                differ = self._differ(one, other)
                if differ is False:
                    continue
                if differ is None:
                    unsure = True
                    continue
            shared = meet(self.space.surely[one], self.space.surely[other])
            if shared is None or self.space.doubt is not None:
                unsure = True
                continue
            if len(found) == TOLD:
                self.more = True
                break
            found.append(self._overlap(one, other, shared))
        if unsure and not found:
            self.reasons.append(self.space.doubt or self.space.why_not_constant(outputs=policy != "U"))
        return found

    def _pairs(self) -> Iterator[tuple[int, int]]:
        """Give the pairs of rules that perhaps share an input."""
        boxes = self.space.perhaps
        crossing = Crossing(boxes, self.tank)
        for one, box in enumerate(boxes):
            others = crossing(box) & -(1 << one + 1)
            self.tank.burn(1 + others.bit_count() // 32)
            for other in bits(others):
                yield one, other

    def _differ(self, one: int, other: int) -> bool | None:
        """Whether two rules give different results; None where a result is not constant."""
        results = self.table.entries
        if all(mine.constant and theirs.constant for mine, theirs in zip(results[one], results[other], strict=True)):
            return not all(
                same(mine.value, theirs.value) for mine, theirs in zip(results[one], results[other], strict=True)
            )
        rules = self.table.facts.rules
        texts = [[entry.text.strip() for entry in rules[rule].entries] for rule in (one, other)]
        return False if texts[0] == texts[1] else None

    def _overlap(self, one: int, other: int, box: Box) -> Overlap:
        example = self.space.example(box)
        rest = {
            "U": ", and hit policy UNIQUE allows one.",
            "A": ", with different results.",
            "P": ", with different results of the same priority.",
        }[self.table.facts.hit_policy]
        sentence = f"{self.space.words(box)}: rules {one + 1} and {other + 1} both apply{rest}"
        return Overlap((one + 1, other + 1), example, sentence)

    # --- rules that never fire

    def _unreachable(self) -> list[Unreachable]:
        found = []
        masking, surely = self._masking(), self.space.surely
        crossing, decided = Crossing(surely, self.tank), self._decided()
        for rule, box in enumerate(self.space.perhaps):
            empty = [column for column, pieces in enumerate(box) if not pieces]
            if empty:
                found.append(self._never_met(rule, empty[0]))
                continue
            before = masking(rule)
            if not before or (decided and box[0] & ~decided[rule]):
                continue
            above = bits(crossing(box) & before)
            self.tank.burn(len(above) // 64)
            if above and not uncovered(box, [surely[other] for other in above], self.tank, most=1):
                found.append(self._masked(rule, above, box))
        return found

    def _decided(self) -> list[int]:
        """Return, per rule, what the rules above it decide, where that is easily told: of one input, under FIRST."""
        if self.table.facts.hit_policy != "F" or len(self.space.whole) != 1:
            return []
        return [0, *accumulate((cell for (cell,) in self.space.surely), or_)]

    def _masking(self) -> Callable[[int], int]:
        """Return, for the hit policy, which rules decide before a given one, as a mask."""
        policy = self.table.facts.hit_policy
        if policy == "F":
            return lambda rule: (1 << rule) - 1
        if policy != "P":
            return lambda rule: 0
        ranks = self._ranks()
        if ranks is None:
            self.reasons.append("Which rule has priority depends on results that are not constant.")
            return lambda rule: 0
        higher: dict[tuple[int, ...], int] = {}
        passed = 0
        for rank, rules in sorted(_alike(ranks).items()):
            higher[rank], passed = passed, passed | rules
        return lambda rule: higher[ranks[rule]]

    def _ranks(self) -> list[tuple[int, ...]] | None:
        """Return how high each rule's result stands, None when that depends on results that are not constant."""
        outputs = self.table.outputs
        if not all(
            entry.constant or not output.ranking
            for row in self.table.entries
            for output, entry in zip(outputs, row, strict=True)
        ):
            return None
        return [
            tuple(output.rank(entry.value) for output, entry in zip(outputs, row, strict=True) if output.ranking)
            for row in self.table.entries
        ]

    def _never_met(self, rule: int, column: int) -> Unreachable:
        title = self.space.columns[column].clause.title
        text = self.space.columns[column].cells[rule].text
        return Unreachable(
            rule + 1, (), None, f'Rule {rule + 1} can never apply: no value of "{title}" meets {text.strip()}.'
        )

    def _masked(self, rule: int, above: Sequence[int], box: Box) -> Unreachable:
        example = self.space.example(box)
        rows = tuple(other + 1 for other in above)
        named = f"rule {rows[0]}" if len(rows) == 1 else f"rules {', '.join(map(str, rows[:-1]))} and {rows[-1]}"
        how = "above it" if self.table.facts.hit_policy == "F" else "of higher priority"
        verb = "decides" if len(rows) == 1 else "decide"
        sentence = f"Rule {rule + 1} can never apply: {named} {how} {verb} every case it names."
        first, last = self.table.facts.hit_policy == "F", rule + 1 == len(self.table.facts.rules)
        asks = any(column.cells[rule].text.strip() not in ("", "-") for column in self.space.columns)
        return Unreachable(rule + 1, rows, example, sentence, first and last and not asks)


def _alike(ranks: Sequence[tuple[int, ...]]) -> dict[tuple[int, ...], int]:
    """Return, per rank, the rules that have it, as a mask."""
    found: dict[tuple[int, ...], int] = {}
    for rule, rank in enumerate(ranks):
        found[rank] = found.get(rank, 0) | 1 << rule
    return found
