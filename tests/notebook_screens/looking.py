"""What the browser is asked about the cards on a page."""

from __future__ import annotations

from typing import Any

from selenium import webdriver

# Contrast of each text with what is painted below it, as WCAG has it: 4.5 is asked for.
_CONTRAST = """
const parse = text => {
  const numbers = text.match(/[\\d.]+/g).map(Number);
  return numbers.length > 3 ? numbers : [...numbers, 1];
};
const light = color => {
  const [r, g, b] = color.slice(0, 3).map(value => {
    const part = value / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
};
const ground = element => {
  for (let at = element; at; at = at.parentElement) {
    const color = parse(getComputedStyle(at).backgroundColor);
    if (color[3] > 0.99) return color;
  }
  return [255, 255, 255, 1];
};
const found = [];
for (const card of document.querySelectorAll(".gradwalk-card")) {
  const walker = document.createTreeWalker(card, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const element = node.parentElement;
    if (!node.textContent.trim() || element.closest("style, title, desc")) continue;
    const box = element.getBoundingClientRect();
    if (!box.width || !box.height) continue;
    const style = getComputedStyle(element);
    const ink = parse(element.closest("svg") ? style.fill : style.color);
    const pair = [light(ink), light(ground(element))].sort((a, b) => b - a);
    const ratio = (pair[0] + 0.05) / (pair[1] + 0.05);
    if (ratio < 4.5) found.push([node.textContent.trim(), ratio]);
  }
}
return found;
"""

_CARDS = """
return [...document.querySelectorAll(".gradwalk-card")].map(card => {
  const box = card.getBoundingClientRect();
  const curve = card.querySelector("svg");
  const size = curve ? curve.getBoundingClientRect() : {width: 0, height: 0};
  return {
    width: box.width, height: box.height, overflows: card.scrollWidth > card.clientWidth + 1,
    border: getComputedStyle(card).borderTopStyle, paper: getComputedStyle(card).backgroundColor,
    curve: [size.width, size.height], scripts: card.querySelectorAll("script").length,
  };
});
"""


def cards_on(driver: webdriver.Chrome) -> list[dict[str, Any]]:
    """Measure each card on the page."""
    return list(driver.execute_script(_CARDS))


def complaints(driver: webdriver.Chrome, cards: int, where: str) -> list[str]:
    """Say what is wrong with the cards on the page, of which there should be `cards`."""
    found = cards_on(driver)
    wrong = [f"{where}: {len(found)} cards, expected {cards}"] if len(found) != cards else []
    for number, card in enumerate(found):
        if card["overflows"]:
            wrong.append(f"{where}: card {number} is wider than its frame")
        if card["border"] != "solid":
            wrong.append(f"{where}: card {number} has lost its styles")
        if card["scripts"]:
            wrong.append(f"{where}: card {number} has a script")
        if card["curve"][0] and card["curve"][0] < 200:
            wrong.append(f"{where}: the curve of card {number} is {card['curve'][0]:.0f} wide")
    for text, ratio in driver.execute_script(_CONTRAST):
        wrong.append(f"{where}: contrast {ratio:.1f} of {text!r}")
    return wrong
