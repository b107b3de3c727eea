"""What the shell completes: ids and families of metrics, known without importing them."""

from __future__ import annotations

IDS_BY_FAMILY = {
    "compression": (
        "tokens fertility word_fertility chars_per_token bytes_per_token graphemes_per_token "
        "tokens_per_line tokens_per_document nsl over_length_share cost_per_million_characters "
        "truncated_share segmentation_regret batch_merge_share"
    ),
    "words": (
        "strr_types strr_occurrences strr_published continued_words superword_share "
        "fertility_frequent fertility_rare punctuation_token_share stopword_token_share "
        "multiword_tokens tokens_times_types"
    ),
    "information": (
        "shannon_entropy shannon_efficiency_observed shannon_efficiency_declared renyi_entropy "
        "renyi_efficiency_observed renyi_efficiency_declared type_token_ratio average_token_rank "
        "zipf_exponent heaps_exponent unigram_bits_per_byte bigram_bits_per_byte "
        "zlib_bits_per_byte xz_bits_per_byte zstd_bits_per_byte"
    ),
    "fairness": ("premium gini premium_bytes premium_pretokens premium_merges"),
    "integrity": (
        "round_trip lossless unk_rate byte_fallback_rate char_split_rate grapheme_split_rate "
        "broken_merges id_gaps duplicate_tokens partial_utf8_tokens ids_beyond_vocab_size "
        "nondeterministic_texts normaliser_losses injectable_special_tokens "
        "injectable_chat_markers loader_disagreements template_prefix_breaks template_injections "
        "unreachable_tokens unreachable_share"
    ),
    "vocabulary": (
        "vocab_size vocab_used word_initial_tokens word_initial_occurrences letter_tokens "
        "letter_occurrences digit_tokens sign_tokens sign_occurrences mixed_tokens partial_tokens "
        "partial_occurrences capital_tokens script_tokens exemplar_coverage exemplar_tokens "
        "lexicon_tokens core_tokens mean_jaccard exclusive_tokens qtok_control qtok_pure_unicode "
        "qtok_char_alpha qtok_spaced_alpha qtok_inner_alpha qtok_char_other qtok_spaced_other "
        "qtok_inner_other qtok_unicode_flanks qtok_char_errors qtok_spaced_errors "
        "qtok_inner_errors"
    ),
    "morphology": (
        "boundary_precision boundary_recall boundary_f1 boundary_f1_macro single_token_words "
        "morphscore_v1 morphscore_v2_recall morphscore_v2_precision over_segmentation "
        "under_segmentation boundary_f1_chance lexicon_share_types lexicon_share_occurrences "
        "pure_share_types pure_share_occurrences compat_tr_unique_tokens compat_tr_share "
        "compat_tr_pure_share"
    ),
    "numbers": (
        "number_digits_per_token number_single_token_2 number_single_token_3 "
        "number_single_token_4 number_chunk_entropy number_token_spread number_scheme_digit "
        "number_scheme_l2r3 number_scheme_r2l3 number_scheme_mixed number_context_stability "
        "number_context_stability_space"
    ),
    "code": (
        "tokens_per_code_line tokens_per_indent_level tab_cost whitespace_token_share "
        "newline_merge_share identifier_split_rate identifier_split_precision "
        "identifier_kept_whole"
    ),
    "robustness": (
        "robustness_typo_tokens robustness_typo_edit robustness_upper_tokens "
        "robustness_upper_edit robustness_lower_tokens robustness_lower_edit "
        "robustness_accents_tokens robustness_accents_edit robustness_nfd_tokens "
        "robustness_nfd_edit robustness_nfc_tokens robustness_nfc_edit robustness_spaces_tokens "
        "robustness_spaces_edit robustness_homoglyphs_tokens robustness_homoglyphs_edit "
        "robustness_styled_tokens robustness_styled_edit robustness_latex_tokens "
        "robustness_latex_edit prompt_hazard_mid_word prompt_hazard_after_space "
        "prompt_hazard_mid_number prompt_hazard_newline splice_stability logged_id_stability"
    ),
    "terms": (
        "tokens_per_term terms_kept_whole terms_split_inside_morphemes tokens_per_term_in_text "
        "term_gain_10 term_gain_100 term_gain_1000"
    ),
}
"""The ids of each family, in order; that of the catalogue would take half a second to import."""

EVERY_FAMILY = "all"


def metric_ids(incomplete: str) -> list[str]:
    """The ids of metrics that begin so."""
    return [
        one for ids in IDS_BY_FAMILY.values() for one in ids.split() if one.startswith(incomplete)
    ]


def families(incomplete: str) -> list[str]:
    """The families of metrics that begin so, and the word for all of them."""
    return [name for name in (*IDS_BY_FAMILY, EVERY_FAMILY) if name.startswith(incomplete)]
