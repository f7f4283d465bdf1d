"""Cards in the other language, sentences of verdicts and all."""

from __future__ import annotations

import re

import numpy as np
import pytest

import gradwalk as gw
from cards import Y, read, walked
from gradwalk.display.sentences import CLAUSES, in_korean
from gradwalk.display.words import STATES, WORDS

METHODS = [gw.BatchGD, gw.SGD, gw.MiniBatchGD]


@pytest.fixture(autouse=True)
def _in_english_again():
    yield
    gw.set_language("en")


def test_every_text_is_there_in_both_languages():
    for key, texts in (WORDS | STATES).items():
        assert set(texts) == {"en", "ko"}, key
        blanks = [set(re.findall(r"\{(\w+)\}", text)) for text in texts.values()]
        assert blanks[0] == blanks[1], key
    for english, korean in CLAUSES:
        assert set(re.findall(r"\{(\w+)\}", english)) == set(re.findall(r"\{(\w+)\}", korean))


def hangul(text):
    return re.findall("[가-힣]+", text)


def test_cards_in_korean():
    model = walked(gw.MiniBatchGD(epochs=30, random_state=0))
    result = gw.BatchGD().minimize(gw.landscapes.himmelblau, [0.0, 0.0])
    shown = [gw.SGD(), model, model.history_, model.history_.verdict, result, gw.schedule_table()]
    assert not any(hangul(read(one).text) for one in shown)
    gw.set_language("ko")
    for one in shown:
        card = read(one)
        assert len(hangul(card.text)) > 3
        assert card.attributes[0]["lang"] == "ko"
        # What stays English are names, which one writes in code.
        assert not re.search(r"\b(the|loss of|updates|settings)\b", card.text.lower())


def many_walks():
    """Walks of every kind, so that verdicts of many forms are heard."""
    flat = np.full(3, 60.0)
    for epochs in (1, 2, 3, 7, 40, 300):
        for rate in (1e-6, 1e-3, 0.05, 0.4, 0.9, 1.05, 5.0):
            for method in METHODS:
                model = method(learning_rate=rate, epochs=epochs, random_state=0)
                yield walked(model, full_loss=epochs == 40)
        for loss in ("sigmoid_mse", "hinge", "mae"):
            model = gw.BatchGD(loss, learning_rate=0.1, epochs=epochs, fit_intercept=False)
            yield walked(model, y=(Y > 0).astype(float), init=flat)
    yield walked(gw.BatchGD(rule=gw.rules.Adam(), learning_rate=0.5, epochs=60))
    yield walked(gw.BatchGD(learning_rate=gw.schedules.Exponential(0.1, decay=0.5), epochs=60))
    yield walked(gw.BatchGD(tol=1e-3, epochs=500))
    yield walked(gw.SGD(record=None, learning_rate=5.0))


def test_every_verdict_has_its_korean():
    seen = set()
    for model in many_walks():
        sentence = model.history_.verdict.sentence
        korean = in_korean(sentence)
        assert korean is not None, sentence
        assert not re.search(r"\b(the|loss|epochs?|by|in)\b", korean), korean
        # Each figure is there, once or more.
        figures = set(re.findall(r"\d[\d.]*\d|\d", sentence))
        assert figures <= set(re.findall(r"\d[\d.]*\d|\d", korean)), korean
        seen.add(re.sub(r"[\d.e-]+", "#", sentence))
    assert len(seen) > 15


def test_a_sentence_that_is_not_known_stays_english():
    assert in_korean("the loss does as it likes.") is None
