"""Cards in the other language, sentences of verdicts and all."""

from __future__ import annotations

import re

import numpy as np
import pytest

import gradwalk as gw
from cards import Y, read, walked
from gradwalk import _core, language
from gradwalk.language.cards import WORDS
from gradwalk.language.states import KINDS, STOPS
from gradwalk.language.verdicts import ADVICE, EVIDENCE, UNITS

METHODS = [gw.BatchGD, gw.SGD, gw.MiniBatchGD]


@pytest.fixture(autouse=True)
def _in_english_again():
    yield
    gw.set_language("en")


def test_every_text_is_there_in_both_languages():
    for key, texts in (WORDS | KINDS | STOPS | EVIDENCE | ADVICE | UNITS).items():
        assert set(texts) == {"en", "ko"}, key
        blanks = [set(re.findall(r"\{[\w:%]+\}", text)) for text in texts.values()]
        assert blanks[0] == blanks[1], key


def test_every_clause_and_figure_of_the_core_has_its_words():
    """The core knows which there are: it refuses others, and the tables have no more."""
    figures = set(re.findall(r"\{(\w+)", str(EVIDENCE) + str(ADVICE)))
    figures -= {"last", "all", "unit"}
    verdict = _core._restore_verdict(
        "converged", (*EVIDENCE, *ADVICE), dict.fromkeys(sorted(figures), 0.5)
    )
    assert set(verdict.figures) == figures
    for wanted in ("en", "ko"):
        assert "–" not in language.sentence_of(verdict, wanted).replace("…", "")
    for kind in KINDS:
        assert _core._restore_verdict(kind, (), {}).word == KINDS[kind]["en"]


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
        verdict = model.history_.verdict
        gw.set_language("ko")
        korean, word = verdict.sentence, verdict.word
        gw.set_language("en")
        assert hangul(korean)
        assert hangul(word)
        assert not re.search(r"\b(the|loss|epochs?|by|in)\b", korean), korean
        # Each figure of the English sentence is there, once or more.
        figures = set(re.findall(r"\d[\d.]*\d|\d", verdict.sentence))
        assert figures <= set(re.findall(r"\d[\d.]*\d|\d", korean)), korean
        seen.add(verdict.clauses)
    assert len(seen) > 15
