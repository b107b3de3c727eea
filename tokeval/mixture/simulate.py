"""The controlled experiment: tokenizers trained on known mixtures, and how well these are found."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer as TokenizersTokenizer
from tokenizers import decoders, models, pre_tokenizers, trainers

from tokeval.core.tokenizer import Tokenizer
from tokeval.document import MixtureResult
from tokeval.errors import TokevalError, UsageError
from tokeval.loaders.baselines import utf8
from tokeval.loaders.tokenizer_json import adapt_tokenizers_object
from tokeval.mixture.baselines import TOKEN_CLASSIFICATION
from tokeval.mixture.merge_reading import read_merges
from tokeval.mixture.report import Settings, infer_result
from tokeval.mixture.word_counting import count_words
from tokeval.pretokenization.pretokenizing import pretokenizer_of

Setting = Literal["same", "halves", "poisson"]

N_BYTES = 256


@dataclass(frozen=True)
class Design:
    """What is tried.

    Attributes:
        n_true: how many of the candidates are in each mixture.
        n_bytes: text that each tokenizer is trained on, at most.
        n_merges: that each tokenizer learns, all of which are explained.
        setting: `same`: the samples are the training text; `halves`: they are other documents of
            the same source; `poisson`: both are drawn from word frequencies, which is for counts
            only, not for documents.
        withheld: how many categories of the mixture are kept from the candidates.
    """

    n_true: int
    n_bytes: int
    n_merges: int
    setting: Setting = "same"
    withheld: int = 0


@dataclass(frozen=True)
class Mixture:
    """Text of known composition.

    Attributes:
        training: documents by category.
        samples: documents that are shown for each candidate.
        shares: of each candidate in the bytes of the training text, withheld ones left out and the
            rest adding up to 1, shape (n_candidates,).
        withheld: share of each category that is no candidate.
    """

    training: dict[str, list[str]]
    samples: dict[str, list[str]]
    shares: NDArray[np.float64]
    withheld: dict[str, float]


@dataclass(frozen=True)
class Row:
    """What a trial says of one candidate; shares are of bytes."""

    seed: int
    category: str
    true_share: float
    share: float
    low: float | None
    high: float | None
    token_classification: float | None
    withheld_share: float
    verdict: str
    zero_count_merges: float
    residual_sd: float | None
    train_seconds: float
    infer_seconds: float


@dataclass(frozen=True)
class Trial:
    """One tokenizer and what was found.

    Attributes:
        seed: what drew the mixture.
        mixture: with the true shares.
        result: with the shares that were inferred.
        seconds: for training and for inference.
    """

    seed: int
    mixture: Mixture
    result: MixtureResult
    seconds: tuple[float, float]

    @property
    def log10_mse(self) -> float:
        """log10 of the mean squared error over byte shares; -inf where there is none."""
        return log10_mse(self.mixture.shares, [c.share for c in self.result.categories])

    def rows(self) -> list[Row]:
        """One row for each candidate."""
        by_name = {b.name: b.shares for b in self.result.baselines}
        return [
            Row(
                seed=self.seed,
                category=category.name,
                true_share=float(share),
                share=category.share,
                low=category.low,
                high=category.high,
                token_classification=by_name[TOKEN_CLASSIFICATION][number],
                withheld_share=sum(self.mixture.withheld.values(), 0.0),
                verdict=self.result.fit.verdict,
                zero_count_merges=self.result.fit.zero_count_merges,
                residual_sd=self.result.fit.residual_sd,
                train_seconds=self.seconds[0],
                infer_seconds=self.seconds[1],
            )
            for number, (category, share) in enumerate(
                zip(self.result.categories, self.mixture.shares.tolist(), strict=True)
            )
        ]


def log10_mse(shares: Sequence[float] | NDArray[np.float64], found: Sequence[float]) -> float:
    """log10 of the mean squared difference; -inf where there is none (Hayase et al. 2024).

    >>> round(log10_mse([0.5, 0.5], [0.6, 0.4]), 6)
    -2.0
    """
    error = float(np.mean(np.square(np.asarray(shares) - np.asarray(found))))
    return float(np.log10(error)) if error > 0 else -float("inf")


def run_trial(
    documents: Mapping[str, Sequence[str]], design: Design, settings: Settings, *, seed: int
) -> Trial:
    """Trains a tokenizer on a mixture and infers it.

    Args:
        documents: texts of each category.
        design: what is tried.
        settings: of the inference.
        seed: of the mixture and of which documents are trained on.

    Raises:
        UsageError: more categories are to be in the mixture than there are.
        TokevalError: a category has too little text.
    """
    mixture = draw_mixture(documents, design, seed=seed)
    begin = time.perf_counter()
    tokenizer = train(mixture.training, n_merges=design.n_merges, name=f"trial-{seed}")
    trained = time.perf_counter()
    pretokenizer = pretokenizer_of(tokenizer)
    tables = {
        name: count_words(texts, pretokenizer, name=name, min_bytes=0)
        for name, texts in mixture.samples.items()
    }
    result = infer_result(
        tokenizer.name, tables, read_merges(tokenizer), settings, groups={}, tell=_ignore
    )
    return Trial(seed, mixture, result, (trained - begin, time.perf_counter() - trained))


def draw_mixture(documents: Mapping[str, Sequence[str]], design: Design, *, seed: int) -> Mixture:
    """A mixture with shares drawn uniformly from the simplex, of documents in random order.

    Raises:
        UsageError: more categories are to be in the mixture than there are, all are withheld, or
            the design is not one of documents.
        TokevalError: a category has no document for the sample.
    """
    if design.setting == "poisson":
        raise UsageError("documents are not drawn word by word", "take `same` or `halves`")
    names = list(documents)
    if not 1 <= design.n_true <= len(names) or design.withheld >= len(names):
        raise UsageError(
            f"{design.n_true} categories cannot be mixed, and {design.withheld} withheld, of "
            f"{len(names)}",
            "give more --category, or lower the numbers",
        )
    rng = np.random.default_rng(seed)
    present = sorted(rng.choice(len(names), design.n_true, replace=False).tolist())
    shuffled = {name: _shuffled(documents[name], rng) for name in names}
    sources = {name: _divided(texts, design.setting) for name, texts in shuffled.items()}
    wanted = dict.fromkeys(names, 0.0)
    wanted |= {
        names[i]: share
        for i, share in zip(present, rng.dirichlet(np.ones(len(present))).tolist(), strict=True)
    }
    training = _training(wanted, {name: source for name, (source, _) in sources.items()}, design)
    hidden = [names[i] for i in rng.permutation(present)[: design.withheld].tolist()]
    return _shown(training, sources, hidden, design)


def train(training: Mapping[str, Sequence[str]], *, n_merges: int, name: str) -> Tokenizer:
    """A byte-level BPE tokenizer with GPT-2's pre-tokenizer, trained on all documents.

    Raises:
        TokevalError: the text has fewer merges in it.
    """
    trained = TokenizersTokenizer(models.BPE())
    trained.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    trained.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=N_BYTES + n_merges,
        show_progress=False,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
    )
    trained.train_from_iterator((t for texts in training.values() for t in texts), trainer)
    tokenizer = adapt_tokenizers_object(trained, name=name, source="trained here")
    if len(tokenizer.merges or ()) < n_merges:
        raise TokevalError(
            f"the training text has {len(tokenizer.merges or ()):,} merges, not {n_merges:,}",
            "train on more text, or ask for fewer --merges",
        )
    return tokenizer


def _shown(
    training: dict[str, list[str]],
    sources: Mapping[str, tuple[list[str], list[str]]],
    hidden: Sequence[str],
    design: Design,
) -> Mixture:
    """The mixture with the samples of the candidates."""
    n_bytes = {name: _size(texts) for name, texts in training.items()}
    total = sum(n_bytes.values())
    candidates = [name for name in training if name not in hidden]
    samples = {}
    for name in candidates:
        sample = training[name] if design.setting == "same" else sources[name][1]
        # A category that is not in the mixture has no training text to show.
        samples[name] = sample or _first(sources[name][0], design.n_bytes // len(training))
        if not samples[name]:
            raise TokevalError(f"category {name!r} has too few documents", "give more text")
    shares = np.array([n_bytes[name] for name in candidates], dtype=np.float64)
    withheld = {name: n_bytes[name] / total for name in hidden}
    return Mixture(training, samples, shares / shares.sum(), withheld)


def _training(
    wanted: Mapping[str, float], sources: Mapping[str, Sequence[str]], design: Design
) -> dict[str, list[str]]:
    """As many documents of each category as its share asks for.

    The whole is smaller than asked for where a category has not enough text for its share.
    """
    total = min(
        design.n_bytes,
        *(_size(sources[name]) / share for name, share in wanted.items() if share > 0),
    )
    return {name: _first(sources[name], total * share) for name, share in wanted.items()}


def _divided(texts: list[str], setting: Setting) -> tuple[list[str], list[str]]:
    """Documents to train on, and documents to show."""
    if setting == "same":
        return texts, []
    middle = len(texts) // 2
    return texts[:middle], texts[middle:]


def _shuffled(texts: Sequence[str], rng: np.random.Generator) -> list[str]:
    """The documents in random order."""
    return [texts[i] for i in rng.permutation(len(texts)).tolist()]


def _first(texts: Sequence[str], n_bytes: float) -> list[str]:
    """The first documents, up to the one that reaches so many bytes."""
    chosen: list[str] = []
    size = 0
    for text in texts:
        if size >= n_bytes:
            break
        chosen.append(text)
        size += len(text.encode())
    return chosen


def _size(texts: Sequence[str]) -> int:
    """Bytes of all documents."""
    return sum(map(len, utf8(texts)))


def _ignore(stage: str, done: int = 0, total: int | None = None) -> None:
    """Nobody is watching."""
