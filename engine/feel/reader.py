"""Steps through the tokens of one text, and says what stands in the wrong place."""

from __future__ import annotations

from collections.abc import Iterable

from engine.feel import mends
from engine.feel.diagnostics import FeelError
from engine.feel.lexer import Scope, Token, normal, run_of_words, tokens, vocabulary
from engine.feel.limits import LIMITS, Limits
from engine.feel.names import read_declared


class Reader:
    """One text being read: where it is, which names are known, and how deep it nests."""

    def __init__(self, text: str, names: Iterable[str] = (), limits: Limits = LIMITS) -> None:
        if len(text) > limits.text:
            raise FeelError(
                text[:200],
                0,
                f"The expression has {len(text)} characters; {limits.text} are allowed.",
                "Split it into several decisions or context entries.",
            )
        self.text, self.limits = text, limits
        self.stream = tokens(text)
        self.index = 0
        self.depth = 0
        self.scope = Scope(vocabulary(names if isinstance(names, frozenset) else frozenset(names)))
        self._closable = 0  # how many interval ends are being read, where [ may close

    # --- tokens

    @property
    def token(self) -> Token:
        return self.stream[self.index]

    def at(self, text: str) -> bool:
        """Whether this sign or keyword comes next."""
        token = self.stream[self.index]
        return token.text == text and token.kind in ("sign", "word")

    def take(self, text: str) -> bool:
        """Step over this sign or keyword if it comes next."""
        if self.at(text):
            self.index += 1
            return True
        return False

    def fail(self, message: str, mend: str = "", token: Token | None = None) -> FeelError:
        """The error at a token; a habit brought from another language is named before the plain message."""
        token = token or self.token
        known = mends.habit(self.stream, self.stream.index(token), self.text)
        if known is not None:
            return FeelError(self.text, *known)
        return FeelError(self.text, token.start, message, mend)

    def unexpected(self, wanted: str) -> FeelError:
        token = self.token
        if token.kind == "end":
            return self.fail(f"The text ends where {wanted} should stand.")
        return self.fail(f"{mends.shown(token)} stands where {wanted} should.")

    def close(self, closing: str, opening: Token) -> None:
        """Step over a closing bracket, or say which bracket stays open."""
        if self.take(closing):
            return
        error = self.unexpected(f"{closing!r} or an operator".replace("'", "`"))
        if self.token.kind == "end" or (error.position == self.token.start and self.token.text in (")", "]", "}")):
            raise FeelError(
                self.text,
                opening.start,
                f"The `{opening.text}` is never closed.",
                f"Write `{closing}` where it should end.",
            )
        raise error

    def expect_end(self) -> None:
        """Raise unless the whole text has been read."""
        if self.token.kind == "end":
            return
        previous = self.stream[self.index - 1]
        token = self.token
        if token.text in (")", "]", "}"):
            raise self.fail(f"The `{token.text}` closes nothing.", "Remove it, or open it before.")
        if token.kind in ("word", "number", "string", "at") and previous.kind != "sign":
            raise self.fail(
                f"{mends.shown(token)} follows {mends.shown(previous)} without an operator between them.",
                "Write an operator, or check the spelling of the name.",
            )
        raise self.fail(f"{mends.shown(token)} cannot stand here.", "An expression was complete before it.")

    def step_to(self, end: int) -> bool:
        """Step past every token up to this place of the text; not, if it lies within one."""
        index = self.index
        while self.stream[index].end < end:
            index += 1
        if self.stream[index].end != end:
            return False
        self.index = index + 1
        return True

    def member(self) -> str:
        """The name after a dot."""
        token = self.token
        if token.kind != "word":
            raise self.unexpected("a name, after the dot,")
        special, end = self.scope.longest(self.text, token.start, token.text)
        if special and self.step_to(end):
            return special
        start = self.index
        self.index = run_of_words(self.stream, start)
        return " ".join(item.text for item in self.stream[start : self.index])

    def declared(self, closing: str, what: str) -> str:
        """A name that is being given here: everything up to the sign that follows it."""
        found = read_declared(self.text, self.token.start, closing)
        if found is None or not self.step_to(found[1]):
            raise self.unexpected(what)
        return normal(found[0])

    def too_deep(self) -> FeelError:
        return FeelError(
            self.text,
            self.token.start,
            f"The expression nests more than {self.limits.depth} deep.",
            "Give its parts names in a context, or use a list function such as sum or string join.",
        )
