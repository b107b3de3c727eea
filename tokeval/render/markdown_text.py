"""Text of users inside Markdown, where nothing in it is read as markup."""

from __future__ import annotations

import re

from tokeval.render.visible import inert

_MARKUP = {ord(sign): f"&#{ord(sign)};" for sign in "\\`*_{}[]|~!"}
_MARKUP |= {ord("&"): "&amp;", ord("<"): "&lt;", ord(">"): "&gt;"}

_REFERENCE = re.compile(r"@|#(?=\w)|:(?=[\w+/-])|\$")
"""Signs by which GitHub finds people, issues, emoji, links and formulas in the finished page, where
a character reference is already a character again: they need an element of their own."""


def prose(text: str) -> str:
    """Text of a user as Markdown that shows just this text, on one line, also inside a table.

    >>> prose("a|b <i>*x*</i> @team")
    'a&#124;b &lt;i&gt;&#42;x&#42;&lt;/i&gt; <span>@</span>team'
    """
    apart = _REFERENCE.split(inert(text))
    signs = _REFERENCE.findall(inert(text))
    parts = [part.translate(_MARKUP) for part in apart]
    shown = parts[0] + "".join(
        f"<span>{s}</span>{p}" for s, p in zip(signs, parts[1:], strict=True)
    )
    return re.sub(r"(?i)(?<=www)\.", "&#46;", shown)
