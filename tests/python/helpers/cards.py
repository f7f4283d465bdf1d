"""Reads the cards that notebooks show: which elements, tables, curve and texts they are made of."""

from __future__ import annotations

import contextlib
import re
import warnings
from dataclasses import dataclass, field
from html.parser import HTMLParser

import numpy as np

import gradwalk as gw

RNG = np.random.default_rng(0)
X = RNG.normal(size=(120, 3))
Y = X @ [1.0, -2.0, 3.0] + 0.5 + 0.1 * RNG.normal(size=120)

#: Elements without an end.
_VOID = {"br", "circle", "img", "path", "polyline"}


@dataclass
class Card(HTMLParser):
    """A card taken apart; every element has to be closed in its turn."""

    text: str = ""
    """All that is read, one text a line."""
    tags: list[str] = field(default_factory=list)
    """Every element in its turn."""
    attributes: list[dict[str, str | None]] = field(default_factory=list)
    """The attributes of each."""
    rows: list[list[str]] = field(default_factory=list)
    """The cells of every row of every table."""
    scopes: list[str | None] = field(default_factory=list)
    """The scope of each head of a row or column."""
    sheet: str = ""

    def __post_init__(self) -> None:
        super().__init__()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert len({name for name, _ in attrs}) == len(attrs), attrs
        self.tags.append(tag)
        self.attributes.append(dict(attrs))
        if tag == "tr":
            self.rows.append([])
        elif tag in ("th", "td"):
            self.rows[-1].append("")
            if tag == "th":
                self.scopes.append(dict(attrs).get("scope"))
        if tag not in _VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes.append(dict(attrs))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open[-1] == "style":
            self.sheet += data
            return
        if {"th", "td"} & set(self.open):
            self.rows[-1][-1] += data
        self.text += data + "\n"

    @property
    def facts(self) -> dict[str, str]:
        """What the rows of two cells say; figures of a walk come before settings of a name."""
        return {row[0]: row[1] for row in reversed(self.rows) if len(row) == 2}

    def all(self, tag: str) -> list[dict[str, str | None]]:
        """The attributes of each element `tag`."""
        return [
            found for name, found in zip(self.tags, self.attributes, strict=True) if name == tag
        ]

    def points(self) -> list[tuple[float, float]]:
        """Where the curve goes, in units of the picture."""
        (line,) = self.all("polyline")
        return [tuple(map(float, pair.split(","))) for pair in str(line["points"]).split()]

    def frame(self) -> tuple[float, float, float, float]:
        """Left, top, bottom and right of the axes."""
        axis = next(path for path in self.all("path") if path["class"] == "gradwalk-axis")
        left, top, bottom, right = map(float, re.findall(r"[\d.]+", str(axis["d"])))
        return left, top, bottom, right


def read(shown: object) -> Card:
    """The card of `shown`, which must be whole, static and safe."""
    page = shown._repr_html_()
    page.encode("utf-8")
    card = Card()
    card.feed(page)
    card.close()
    assert card.open == []
    assert not {"script", "link", "iframe", "img", "object"} & set(card.tags)
    for attributes in card.attributes:
        assert not [name for name in attributes if name.startswith("on") or name == "id"]
        assert not {"href", "src"} & set(attributes)
    assert "url(" not in card.sheet
    assert "@import" not in card.sheet
    assert all(scope in ("row", "col") for scope in card.scopes)
    assert len(card.scopes) >= len(card.rows)  # every row has a head
    for picture in card.all("svg"):
        assert picture["role"] == "img"
    return card


@contextlib.contextmanager
def quietly():
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore", gw.DivergenceWarning)
        yield


def walked(model, X=X, y=Y, **arguments):
    with quietly():
        return model.fit(X, y, **arguments)
