r"""How a GGUF's `tokenizer.ggml.pre` cuts text: the regular expressions that a name stands for.

A GGUF only names its pre-tokenizer. The expressions are those of the published tokenizers that a
name was given for, which llama.cpp has in its `llama-vocab.cpp`; each cuts out its matches in what
the one before it left.
"""

from __future__ import annotations

from dataclasses import dataclass

from tokeval.loaders.tiktoken_files import PATTERNS


@dataclass(frozen=True)
class Cutting:
    """What a name of a pre-tokenizer stands for.

    Attributes:
        patterns: regular expressions in the syntax of Oniguruma, applied in order.
        ignore_merges: a piece that is a token is taken whole, before any merge.
        nfc: the model's own tokenizer puts text in Unicode's form NFC first; a GGUF does not.
    """

    patterns: tuple[str, ...]
    ignore_merges: bool = False
    nfc: bool = False


_GPT2 = r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"
_UPPER, _LOWER = r"[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]", r"[\p{Ll}\p{Lm}\p{Lo}\p{M}]"
_TEKKEN = (
    rf"[^\r\n\p{{L}}\p{{N}}]?{_UPPER}*{_LOWER}+|[^\r\n\p{{L}}\p{{N}}]?{_UPPER}+{_LOWER}*"
    r"|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)
_DEEPSEEK_V3 = (
    r"\p{N}{1,3}",
    "[\u4e00-\u9fa5\u3040-\u309f\u30a0-\u30ff]+",
    r"[!\"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+"
    r"| ?[\p{P}\p{S}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+",
)
_CASED = (  # the cased letters that DeepSeek LLM names one by one, as hexadecimal ranges
    "41-5A 61-7A B5 C0-D6 D8-F6 F8-1BA 1BC-1BF 1C4-293 295-2AF 370-373 376 377 37B-37D 37F 386 "
    "388-38A 38C 38E-3A1 3A3-3F5 3F7-481 48A-52F 531-556 10A0-10C5 13A0-13F5 13F8-13FD 1C90-1CBA "
    "1CBD-1CBF 1D00-1D2B 1D6B-1D77 1D79-1D9A 1E00-1F15 1F18-1F1D 1F20-1F45 1F48-1F4D 1F50-1F57 "
    "1F59 1F5B 1F5D 1F5F-1F7D 1F80-1FB4 1FB6-1FBC 1FBE 1FC2-1FC4 1FC6-1FCC 1FD0-1FD3 1FD6-1FDB "
    "1FE0-1FEC 1FF2-1FF4 1FF6-1FFC 2102 2107 210A-2113 2115 2119-211D 2124 2126 2128 212A-212D "
    "212F-2134 2139 213C-213F 2145-2149 214E 2183 2184 2C00-2C7B 2C7E-2CE4 2CEB-2CEE 2CF2 2CF3 "
    "A640-A66D A680-A69B A722-A76F A771-A787 A78B-A78E AB70-ABBF FB00-FB06 FB13-FB17 FF21-FF3A "
    "FF41-FF5A 10400-1044F 104B0-104D3 104D8-104FB 10C80-10CB2 10CC0-10CF2 118A0-118DF 1E900-1E943"
)


def _character_class(ranges: str) -> str:
    """The inside of a character class.

    >>> _character_class("41-5A 376")
    'A-ZͶ'
    """
    return "".join(
        "-".join(chr(int(end, 16)) for end in written.split("-")) for written in ranges.split()
    )


_CJK = "[\u4e00-\u9fa5\u0800-\u4e00\uac00-\ud7ff]+"
_DEEPSEEK_LLM = (
    r"[\r\n]",
    rf"\s?[{_character_class(_CASED)}]+",
    "\\s?[!-/:-~\uff01-\uff0f\uff1a-\uff5e\u2018-\u201f\u3000-\u3002]+",
    r"\s+$",
    _CJK,
    r"\p{N}+",
)
_DEEPSEEK_CODER = (r"[\r\n]", r"\s?\p{L}+", r"\s?\p{P}+", _CJK, r"\p{N}")
_BLOOM = " ?[^(\\s|.,!?\u2026\u3002\uff0c\u3001\u0964\u06d4\u060c)]+"

_BY_CUTTING: tuple[tuple[Cutting, str], ...] = (
    (
        Cutting((_GPT2,)),
        "gpt-2 phi-2 jina-es jina-de jina-v2-es jina-v2-de jina-v1-en jina-v2-code roberta-bpe "
        "gigachat a.x-4.0 mellum modern-bert exaone4 mpt olmo jais trillion granite-docling",
    ),
    (
        Cutting((PATTERNS["llama3"],), ignore_merges=True),
        "llama-bpe llama3 llama-v3 falcon3 falcon-h1 pixtral midm-2.0 lfm2",
    ),
    (Cutting((PATTERNS["llama3"],)), "dbrx smaug-bpe chatglm-bpe glm4"),
    (Cutting((PATTERNS["qwen"],), nfc=True), "qwen2 deepseek-r1-qwen megrez hunyuan kormo"),
    (Cutting((PATTERNS["qwen"],)), "stablelm2 solar-open grok-2"),
    (Cutting((PATTERNS["qwen3.5"],), nfc=True), "qwen35"),
    (Cutting((PATTERNS["o200k"],)), "gpt-4o llama4 kanana2"),
    (Cutting((_TEKKEN,), ignore_merges=True), "tekken"),
    (Cutting(_DEEPSEEK_V3), "deepseek-v3 hunyuan-dense"),
    (Cutting(_DEEPSEEK_LLM), "deepseek-llm"),
    (Cutting(_DEEPSEEK_CODER), "deepseek-coder"),
    (Cutting((r"[\p{P}\$\+<=>\^~\|`]+", _GPT2, "[0-9][0-9][0-9]")), "falcon"),
    (
        Cutting((r"\p{N}", _GPT2)),
        "starcoder refact command-r smollm codeshell exaone minerva-7b mellum2",
    ),
    (Cutting((_BLOOM,)), "bloom poro-chat gpt3-finnish"),
    (Cutting((_BLOOM, r"\p{N}")), "viking"),
)

CUTTINGS = {name: cutting for cutting, names in _BY_CUTTING for name in names.split()}
"""By the name in `tokenizer.ggml.pre`."""
