"""Reads what begins with a word of its own: if, for, some, every and function (grammar rules 44 to 48 and 55)."""

from __future__ import annotations

from engine.feel import nodes, types
from engine.feel.diagnostics import FeelError
from engine.feel.lexer import KEYWORDS, Token, normal
from engine.feel.names import read_declared
from engine.feel.type_parser import TypeParser


class ClauseParser(TypeParser):
    """Reads the clauses that words open."""

    def expression(self, binding: int = 0) -> nodes.Node:
        """An expression; the parser of everything else reads it."""
        raise NotImplementedError

    def conditional(self, opening: Token) -> nodes.Node:
        """if condition then yes else no."""
        self.index += 1
        condition = self.expression()
        if not self.take("then"):
            raise self.unexpected("`then`, after the condition of `if`,")
        yes = self.expression()
        if not self.take("else"):
            error = self.unexpected("`else`")
            if self.token.kind == "end":
                raise FeelError(
                    self.text, opening.start, "This `if` has no `else`.", "Write what it gives otherwise: `else null`."
                )
            raise error
        return nodes.If(condition, yes, self.expression(), position=opening.start)

    def loop(self, opening: Token) -> nodes.Node:
        """for name in source return body."""
        iterators = self._iterators("return")
        self.scope.enter("partial")
        body = self.expression()
        self.scope.leave(len(iterators) + 1)
        return nodes.For(iterators, body, position=opening.start)

    def quantified(self, opening: Token) -> nodes.Node:
        """some (or every) name in source satisfies condition."""
        iterators = self._iterators("satisfies")
        condition = self.expression()
        self.scope.leave(len(iterators))
        return nodes.Quantified(opening.text == "every", iterators, condition, position=opening.start)

    def _iterators(self, closing: str) -> tuple[nodes.Iterator, ...]:
        opening = self.token
        found: list[nodes.Iterator] = []
        while True:
            self.index += 1
            token = self.token
            if token.kind != "word" or token.text in KEYWORDS:
                raise self.unexpected(f"a name, after `{opening.text if not found else ','}`,")
            while not self.at("in"):
                if self.token.kind == "end" or self.token.text in (closing, ",", "(", ")", "[", "]", "{", "}"):
                    raise self.unexpected(f"`in`, after the name of `{opening.text}`,")
                self.index += 1
            name = normal(self.text[token.start : self.stream[self.index - 1].end])
            self.index += 1
            source = self.expression()
            end = self.expression() if self.take("..") else None
            found.append(nodes.Iterator(name, source, end, position=token.start))
            self.scope.enter(name)
            if not self.at(","):
                break
        if not self.take(closing):
            raise self.unexpected(f"`{closing}`, which `{opening.text}` needs,")
        return tuple(found)

    def function(self, opening: Token) -> nodes.Node:
        """function(names) body."""
        self.index += 1
        bracket = self.token
        self.index += 1
        parameters: list[tuple[str, types.Type | None]] = []
        if not self.take(")"):
            while True:
                found = read_declared(self.text, self.token.start, ":,)")
                if found is None or not self.step_to(found[1]):
                    raise self.unexpected("the name of a parameter")
                name = normal(found[0])
                if any(name == other for other, _ in parameters):
                    raise self.fail(f"The parameter {name} is declared twice.", "Rename one.")
                parameters.append((name, self.type() if self.take(":") else None))
                if not self.take(","):
                    break
            self.close(")", bracket)
        external = self.take("external")
        for name, _ in parameters:
            self.scope.enter(name)
        body = self.expression()
        self.scope.leave(len(parameters))
        return nodes.FunctionOf(tuple(parameters), body, external, position=opening.start)
