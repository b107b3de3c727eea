"""Sets of characters, written as ICU writes them, and tables of what belongs to one."""

from __future__ import annotations

from functools import cache

import icu
import numpy as np
from numpy.typing import NDArray

WORD_CHARACTERS = "[[:L:][:N:]]"
LETTERS = "[:L:]"
SPACELESS_LETTERS = (
    "[[:L:]&[[:sc=Hani:][:sc=Hira:][:sc=Kana:][:sc=Thai:][:sc=Laoo:][:sc=Khmr:][:sc=Mymr:]]]"
)
PREPENDED = "[:GCB=Prepend:]"


@cache
def character_table(unicode_set: str) -> NDArray[np.bool_]:
    """Membership of every code point in an ICU set, shape (0x110000,)."""
    table = np.zeros(0x110000, dtype=np.bool_)
    members = icu.UnicodeSet(unicode_set)
    for i in range(members.getRangeCount()):
        table[ord(members.getRangeStart(i)) : ord(members.getRangeEnd(i)) + 1] = True
    return table
