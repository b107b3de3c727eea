"""Texts that tell apart encoders which agree on ordinary text."""

from __future__ import annotations

HOSTILE_TEXTS = (
    "",
    " ",
    "   ",
    "\n",
    "a",
    "\x00",
    "nul\x00 \x01\x1b[0m \x7f",
    " a  b   c\td\t e\n f \n g\r\n h\n\n  i \r j  ",
    "don't DON'T 'tis it's  we'RE '\u017f x'll'd 'S's",
    "x1 22 333 4444 55555\u0663\xb2\xbd\u216b (5) [6], 7.8 -9 $10.00",
    "e\u0301 na\xefve \ufb01 McDonald\u02bcs \u01c5ungla ABCdef AB\u0106d \u212b \u0958",
    "\u65e5\u672c\u8a9e\u30c6\u30b9\u30c8\u30fb\u30ab\u30fc \u4e2d\u6587 "
    "\ud55c\uad6d\uc5b4 \u0e44\u0e17\u0e22 \u0939\u093f\u0928\u094d\u0926\u0940 \u3007\u30a0\u309d",
    "\U0001f469\u200d\U0001f467 \U0001f1f9\U0001f1f7 \u200d "
    "\u0301a \xa0b \u3000c\x85d\u2028e \x01\x1cf \ufeff \U0010ffff \ufffd",
    "a/b//c --/\n/x ...\r\n\r\n!!!\n <tag/>\n\t\t}\n",
    "\u2581 \u2581a a\u2581 \u2581\u2581 \u2581\u2581\u2581b",
    "<s> </s> <unk> [UNK] <|endoftext|> <0x41> <0xE2> <pad>",
    "\u0378\U0001fbff \U000e0100\u0301\u0301 \ue000\uf8ff",
    "x" * 300 + " " * 129 + "y" * 99 + "\t" * 40 + "-=" * 200 + "\n" * 70,
    "\u4e00\u0301\U0001f469" * 60,
)
"""White space, contractions, numbers, marks, scripts, control characters, text that looks like
special tokens, characters that no vocabulary has, and pieces on both sides of where merging is
done by a heap."""
