"""By which path the units of each tokenizer become ids; the ids are the same on each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from tokeval.core.pretokens import Cut, choose_cut
from tokeval.core.tokenizer import BatchEncoder, Tokenizer
from tokeval.pretokenization.encoder import fast_encoder

PRETOKENS, LIBRARY = "pretokens", "library"
"""Each distinct piece of text is encoded once, by tokeval; or the tokenizer's library encodes."""

_ONE_IN = 4
"""Of so many sample texts one is encoded by the library too, before anything is counted."""


@dataclass(frozen=True)
class EncodingPath:
    """How texts of one tokenizer become ids.

    Attributes:
        cut: how they are cut into units.
        encoder: what encodes the units, `None` where it is the tokenizer itself.
    """

    cut: Cut
    encoder: BatchEncoder | None

    @property
    def name(self) -> str:
        """The path as it is named in the provenance."""
        return LIBRARY if self.encoder is None else PRETOKENS

    def refuted(self) -> EncodingPath:
        """The next plainer path, after units of a text had other ids than the text."""
        return (
            replace(self, encoder=None) if self.encoder is not None else replace(self, cut=Cut.TEXT)
        )


def choose_paths(
    tokenizers: Sequence[Tokenizer], sample: Sequence[str], *, exact_path: bool
) -> list[EncodingPath]:
    """The quickest path of each tokenizer that is proved on texts of the corpus.

    Args:
        tokenizers: what will be measured.
        sample: texts of the corpus.
        exact_path: whether the tokenizers themselves shall encode.
    """
    paths = []
    for tokenizer in tokenizers:
        encoder = None if exact_path else fast_encoder(tokenizer, sample[::_ONE_IN])
        paths.append(EncodingPath(choose_cut(tokenizer, sample, encoder), encoder))
    return paths
