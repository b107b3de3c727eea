"""The plugin keeps tokeval's contracts."""

import pytest
from tokeval_example.chunks import load
from tokeval_example.letters import METRICS

from tokeval.testing import check_metric, check_tokenizer


@pytest.mark.parametrize("metric", METRICS, ids=lambda metric: metric.info.id)
def test_metrics(metric):
    """Each metric is readable, bounded and pure."""
    check_metric(metric)


@pytest.mark.parametrize("rest", ["1", "2"])
def test_tokenizers(rest):
    """Each size of chunks encodes as tokeval relies on."""
    check_tokenizer(load(rest))
