"""From a matplotlib figure to an SVG that lives inside a page: themed, titled, unique, repeatable.

Figures are drawn with two kinds of stand-ins. Sentinel colours (`ink(...)`) become CSS variables,
so that a page can change its theme; labels (`Labels`) are drawn as short ASCII keys and become the
reader's text afterwards, so that no name is ever parsed as a formula or measured in a missing font.
"""

from __future__ import annotations

import html
import io
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, cast

from tokeval.render.visible import inert

if TYPE_CHECKING:
    from matplotlib.figure import Figure

N_SERIES_COLOURS = 8
"""How many colours the page defines as `--s0`, `--s1`, ... for lines and bars."""

N_SHADES = 9
"""How many shades the page defines as `--h0`, `--h1`, ... for heat maps, the faintest first."""

FIRST_DEEP_SHADE = 6
"""From this shade on, text is written in `--h-high` instead of `--h-low`."""

_VARIABLES = {
    "#fa0101": "--ink",
    "#fa0102": "--muted",
    "#fa0103": "--line",
    "#fa0104": "--accent",
    "#fa0105": "--surface",
    "#fa0106": "--h-low",
    "#fa0107": "--h-high",
}
_VARIABLES |= {f"#fa02{index:02x}": f"--s{index}" for index in range(N_SERIES_COLOURS)}
_VARIABLES |= {f"#fa03{index:02x}": f"--h{index}" for index in range(N_SHADES)}
_COLOURS = {variable.removeprefix("--"): colour for colour, variable in _VARIABLES.items()}

_RC = {
    "svg.fonttype": "none",
    "svg.hashsalt": "tokeval",
    "font.size": 8.5,
    "axes.linewidth": 0.8,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.unicode_minus": True,
    "axes.axisbelow": True,
    "axes.edgecolor": _COLOURS["muted"],
    "axes.labelcolor": _COLOURS["ink"],
    "axes.facecolor": "none",
    "figure.facecolor": "none",
    "figure.edgecolor": "none",
    "lines.scale_dashes": False,
    "grid.color": _COLOURS["line"],
    "grid.linewidth": 0.7,
    "hatch.linewidth": 0.8,
    "text.color": _COLOURS["ink"],
    "xtick.color": _COLOURS["muted"],
    "ytick.color": _COLOURS["muted"],
    "xtick.labelcolor": _COLOURS["ink"],
    "ytick.labelcolor": _COLOURS["ink"],
}


def ink(name: str) -> str:
    """The sentinel colour of a CSS variable, such as `ink`, `muted`, `s0` or `h0`."""
    return _COLOURS[name]


class Labels:
    """Readers' texts of one figure, each drawn as a key that matplotlib can't misread."""

    def __init__(self) -> None:
        self._texts: list[str] = []

    def key(self, shown: str) -> str:
        """The key to draw in place of a text, which is inert already and short enough."""
        self._texts.append(shown)
        return f"qz{len(self._texts) - 1}zq"

    def write(self, svg: str) -> str:
        """The SVG with every key replaced by its text, escaped."""
        return re.sub(r"qz(\d+)zq", lambda key: html.escape(self._texts[int(key[1])]), svg)


def inline_svg(
    draw: Callable[[Figure, Labels], None],
    *,
    size: tuple[float, float],
    title: str,
    prefix: str,
) -> str:
    """An `<svg>` element for a page.

    Args:
        draw: puts axes on the figure, with colours from `ink` and texts through the labels.
        size: width and height in inches; the element scales with its container.
        title: what a reader sees and hears who can't see the figure.
        prefix: put before every id, so that figures of one page don't share any.

    Returns:
        The element, byte-identical for equal arguments, without metadata, style sheet or date.
    """
    import matplotlib as mpl
    from matplotlib.figure import Figure

    labels = Labels()
    stream = io.StringIO()
    with mpl.rc_context():
        mpl.rcdefaults()
        cast(Any, mpl.rcParams).update(_RC)
        figure = Figure(figsize=size)
        draw(figure, labels)
        figure.savefig(stream, format="svg", metadata=dict.fromkeys(("Date", "Creator")))
    opening, body = _for_page(stream.getvalue(), prefix)
    shown = html.escape(inert(title))
    return f'{opening} aria-label="{shown}"><title>{shown}</title>{labels.write(body)}'


def _for_page(svg: str, prefix: str) -> tuple[str, str]:
    """The opening tag, not yet closed, and the drawing without what belongs to a file alone."""
    opening, _, body = svg[svg.index("<svg") :].partition(">")
    body = re.sub(r"<metadata>.*?</metadata>|<style.*?</style>|<!--.*?-->", "", body, flags=re.S)
    body = re.sub(r"\n\s*", "\n", body.replace("xlink:href", "href")).replace("<defs>\n</defs>", "")
    body = re.sub(
        r"#fa0[123][0-9a-f]{2}", lambda colour: f"var({_VARIABLES[colour[0]]})", body, flags=re.I
    )
    body = re.sub(r'font: ([\d.]+)px [^;"]*', r"font-size: \1px", body)
    body = re.sub(r'font-family: [^;"]*;? ?| transform="rotate\(-0 [^"]*"', "", body)
    box = re.search(r'viewBox="[^"]*"', opening)
    if box is None:
        raise ValueError("matplotlib wrote an SVG without a viewBox")
    head = f'<svg {box[0]} role="img" xmlns="http://www.w3.org/2000/svg"'
    return head, _unique_ids(body, prefix).strip()


def _unique_ids(body: str, prefix: str) -> str:
    """The drawing with only those ids that it refers to, each with the prefix."""
    used = set(re.findall(r'href="#([^"]+)"|url\(#([^)]+)\)', body))
    wanted = {name for pair in used for name in pair if name}
    body = re.sub(
        r' id="([^"]+)"',
        lambda found: f' id="{prefix}-{found[1]}"' if found[1] in wanted else "",
        body,
    )
    return re.sub(r'(href="#|url\(#)', rf"\g<1>{prefix}-", body)
