"""Reads the types of FEEL: number, list<T>, context<a: T>, range<T>, function<T> -> T (grammar rules 52 and 53)."""

from __future__ import annotations

from engine.feel import types
from engine.feel.lexer import KEYWORDS, Token, run_of_words
from engine.feel.reader import Reader


class TypeParser(Reader):
    """Reads a type where one may stand."""

    def type(self) -> types.Type:
        """A type: number, list<T>, context<a: T>, range<T>, function<T> -> T, or a name that a model defines."""
        self.depth += 1
        if self.depth > self.limits.depth:
            raise self.too_deep()
        kind = self._type()
        self.depth -= 1
        return kind

    def _type(self) -> types.Type:
        token = self.token
        if token.kind != "word":
            raise self.unexpected("the name of a type")
        if self.stream[self.index + 1].text == "<" and token.text in ("list", "range", "context", "function"):
            self.index += 2
            return self._generic(token.text)
        for words in (
            ("days", "and", "time", "duration"),
            ("years", "and", "months", "duration"),
            ("date", "and", "time"),
        ):
            if tuple(item.text for item in self.stream[self.index : self.index + len(words)]) == words:
                self.index += len(words)
                return types.Simple(" ".join(words))
        special, end = self.scope.longest(self.text, token.start, token.text)
        if special and self.step_to(end):
            name = special
        else:
            start = self.index
            self.index = run_of_words(self.stream, start, KEYWORDS | {"external"})
            name = " ".join(item.text for item in self.stream[start : self.index])
            if name not in self.scope and types.simple(token.text) is not None:
                self.index = start + 1
                name = token.text
        while self.at(".") and self.stream[self.index + 1].kind == "word":
            self.index += 1
            name += "." + self.member()
        return types.simple(name) or types.Named(name)

    def _generic(self, what: str) -> types.Type:
        kind: types.Type
        if what == "list":
            kind = types.ListType(self.type())
        elif what == "range":
            kind = types.RangeType(self.type())
        elif what == "context":
            entries: list[tuple[str, types.Type]] = []
            while not self.at(">"):
                name = self.declared(":", "the name of an entry")
                self.index += 1
                entries.append((name, self.type()))
                if not self.take(","):
                    break
            kind = types.ContextType(tuple(entries))
        else:
            parameters: list[types.Type] = []
            while not self.at(">"):
                parameters.append(self.type())
                if not self.take(","):
                    break
            self._end_of_type()
            if not self.take("->"):
                raise self.unexpected("`->` and the type of the result")
            return types.FunctionType(tuple(parameters), self.type())
        self._end_of_type()
        return kind

    def _end_of_type(self) -> None:
        token = self.token
        if token.text == ">=":  # list<number>= 3 is cut as >= ; the second half is the comparison
            self.stream[self.index : self.index + 1] = [
                Token("sign", ">", token.start, token.start + 1),
                Token("sign", "=", token.start + 1, token.end),
            ]
        if not self.take(">"):
            raise self.unexpected("`>`, which closes the type,")
