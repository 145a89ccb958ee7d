"""Habits from other languages and tools, each with what FEEL writes instead."""

from __future__ import annotations

from engine.feel.lexer import Token

_NAMED = {
    "None": ("`None` is Python.", "Write `null`."),
    "True": ("`True` is Python.", "Write `true`."),
    "False": ("`False` is Python.", "Write `false`."),
    "NULL": ("`NULL` is SQL.", "Write `null`."),
    "TRUE": ("`TRUE` is not FEEL.", "Write `true`."),
    "FALSE": ("`FALSE` is not FEEL.", "Write `false`."),
}


_AFTER_IS = frozenset({"None", "null", "not", "true", "false", "True", "False"})
_VALUES = frozenset({"word", "number", "string", "at"})


def shown(token: Token) -> str:
    """A token as a message shows it."""
    text = token.text if len(token.text) <= 30 else token.text[:29] + "…"
    return f"`{text}`"


def habit(stream: list[Token], index: int, text: str) -> tuple[int, str, str] | None:
    """The place, message and mend of a habit that shows at this token, or None."""
    token = stream[index]
    following = stream[index + 1] if index + 1 < len(stream) else token
    before = stream[index - 1] if index else None
    sign, start = token.text, token.start
    touching = following.start == token.end
    if token.kind == "bad":
        return _bad(token, following, text)
    if token.kind == "sign":
        if sign == "/" and touching and following.text == "*":
            return start, "The comment is never closed.", "Write `*/` where it ends."
        if before is not None and before.text == "=" and before.end == start:
            if sign == "=":
                return before.start, "`==` is not FEEL.", "Write `=` to compare."
            if sign in (">", "<"):
                wanted = ">=" if sign == ">" else "<="
                return before.start, f"`={sign}` is not FEEL.", f"Write `{wanted}`."
        if before is not None and before.text in ("!=", "<=", ">=") and sign == "=" and before.end == start:
            return before.start, f"`{before.text}=` is not FEEL.", f"Write `{before.text}`."
        if before is not None and before.text == "<" and sign == ">" and before.end == start:
            return before.start, "`<>` is not FEEL.", "Write `!=`."
        if sign == "=" and touching and following.text == "=":
            return start, "`==` is not FEEL.", "Write `=` to compare."
        if sign == "=" and index == 0:
            return start, "The `=` in front marks an expression elsewhere.", "Write the expression without it."
        if (
            sign == "="
            and before is not None
            and before.kind == "sign"
            and before.end == start
            and before.text in "+-*/"
        ):
            return before.start, "FEEL changes no values.", "Use a context entry with a new name."
        if sign == "?" and before is not None:
            return start, "`a ? b : c` is not FEEL.", "Write `if a then b else c`."
        if sign in ("!=", "<", "<=", ">", ">=") and index == 0:
            return (
                start,
                f"Nothing stands before `{sign}`.",
                f"Write `x {sign} ...`; only a cell leaves it out.",
            )
        if sign in ("+", "-") and before is not None and before.text == sign and before.end == start:
            return before.start, "FEEL changes no values.", "Use a context entry with a new name."
    if token.kind == "word":
        if sign == "not" and before is not None and before.kind in _VALUES and following.text == "in":
            return start, "`not in` is not FEEL.", "Write `not(x in y)`."
        if sign == "is" and before is not None and before.kind == "word" and following.text in _AFTER_IS:
            return start, "`is` between values is Python.", "Write `=`; for null write `x = null`."
        if sign == "not" and following.kind == "word" and following.text != "in":
            return start, "`not` is a function.", "Write `not(...)` with brackets."
        if sign in ("elif", "elsif", "elseif"):
            return start, f"`{sign}` is not FEEL.", "Write `else if ... then ... else ...`."
        if sign == "lambda":
            return start, "`lambda` is Python.", "Write `function(x) ...`."
        if sign in ("AND", "OR", "IN", "BETWEEN", "THEN", "ELSE") and before is not None:
            return start, f"`{sign}` must be small letters.", f"Write `{sign.lower()}`."
        if sign in _NAMED:
            return start, *_NAMED[sign]
    return None


def _bad(token: Token, following: Token, text: str) -> tuple[int, str, str]:
    sign, start = token.text, token.start
    touching = following.start == token.end
    if sign == "'":
        return start, "Text in single quotes is not FEEL.", 'Write "text" with double quotes.'
    if sign == '"':
        return (
            start,
            "The text in quotes is never closed.",
            'Write `"` where it ends. A quote inside it is written \\".',
        )
    if sign in "“”„‟«»‘’‚":
        return start, "These are typographic quotes.", 'Write straight double quotes: "text".'
    if sign == "&":
        return start, "`&&` is not FEEL." if touching and following.text == "&" else "`&` is not FEEL.", "Write `and`."
    if sign == "|":
        return start, "`||` is not FEEL." if touching and following.text == "|" else "`|` is not FEEL.", "Write `or`."
    if sign == "!":
        return start, "`!` is not FEEL.", "Write `not(...)`."
    if sign == "%":
        return start, "`%` is not FEEL.", "Write `modulo(a, b)`; for a percentage divide by 100."
    if sign == "^":
        return start, "`^` is not FEEL.", "Write `**` for a power."
    if sign == ";":
        return start, "`;` ends nothing in FEEL.", "An expression is one value; separate items with `,`."
    if sign == "@":
        return start, "`@` needs a text in double quotes.", 'Write @"2026-11-22".'
    if sign == "$":
        return start, "`$` is not FEEL.", "Write the name alone."
    if sign in "≤≥≠":
        return start, f"`{sign}` is not FEEL.", f"Write `{dict(zip('≤≥≠', ('<=', '>=', '!='), strict=True))[sign]}`."
    if sign in "–—−":
        return start, "This dash is not a minus sign.", "Write `-`."
    if sign in "×÷":
        return start, f"`{sign}` is not FEEL.", f"Write `{'*' if sign == '×' else '/'}`."
    if sign == "#":
        return start, "`#` is not FEEL.", "Write a comment as `// ...` or `/* ... */`."
    if sign == "`":
        return start, "A backtick is not FEEL.", "Write the name as it is."
    return start, f"The character {sign!r} means nothing here.", "Remove it."
