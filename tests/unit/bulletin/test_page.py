"""The screen edition's style: every colour is readable in light and dark, and paper is always light."""

import re
from importlib.resources import files

import pytest

CSS = (files("ducha.bulletin") / "page" / "bulletin.css").read_text(encoding="utf-8")


def palette(block: str) -> dict[str, str]:
    """The colours that a rule defines; the light ones stand first."""
    found = re.findall(r"--([\w-]+): (#[0-9a-f]{6})", block)
    return dict(found)


LIGHT = palette(CSS.partition("}")[0])
DARK = palette(CSS.partition(':root[data-theme="dark"] {')[2].partition("}")[0])


def luminance(colour: str) -> float:
    """Relative luminance, WCAG 2.2."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
def test_text_is_readable_on_what_it_stands_on(theme: dict[str, str]) -> None:
    pairs = [(text, ground) for text in ("ink", "soft", "link") for ground in ("paper", "faint")]
    pairs += [(light, ground) for light in ("red", "yellow", "green", "grey") for ground in ("paper", f"{light}-bg")]
    pairs += [("brand", "paper"), ("ink", "mark")]
    poor = {pair: contrast(theme[pair[0]], theme[pair[1]]) for pair in pairs}
    assert {pair: round(value, 2) for pair, value in poor.items() if value < 4.5} == {}


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
def test_bars_stand_out_from_their_ground(theme: dict[str, str]) -> None:
    for light in ("red", "yellow", "green", "grey"):
        assert contrast(theme[f"{light}-fill"], theme["faint"]) >= 2.2, light


def test_both_dark_rules_agree_and_hold_on_screen_only() -> None:
    automatic = palette(CSS.partition(':root[data-theme="auto"] {')[2].partition("}")[0])
    assert automatic == DARK
    assert automatic.keys() <= LIGHT.keys()
    for rule in ('{ :root[data-theme="auto"] {', '{ :root[data-theme="dark"] {'):
        assert CSS.partition(rule)[0].rpartition("@media")[2].strip().startswith("screen")


def test_the_page_fetches_nothing() -> None:
    script = (files("ducha.bulletin") / "page" / "bulletin.js").read_text(encoding="utf-8")
    for text in (CSS, script):
        assert not re.search(r"url\(|@import|https?:|fetch\(|XMLHttpRequest|import\(", text)
