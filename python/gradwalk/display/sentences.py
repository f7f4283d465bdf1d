"""Sentences of a verdict in Korean.

The core writes them in English, clause after clause. Here each clause has its Korean one, which
ends in a noun, so that it may stand last or be followed by another, and whose figures need no
particle that depends on how they are read aloud.
"""

from __future__ import annotations

import functools
import re
from typing import TYPE_CHECKING

from .words import chosen_language

if TYPE_CHECKING:
    from gradwalk import Verdict

_NUMBER = r"-?\d+(?:\.\d+)?(?:e-?\d+)?"

#: What may stand in a blank: its pattern.
_BLANKS = {
    "a": rf"{_NUMBER} %|{_NUMBER}|a number beyond all bounds|the start",
    "b": rf"{_NUMBER} %|{_NUMBER}|a number beyond all bounds",
    "c": rf"{_NUMBER} %|{_NUMBER}|a number beyond all bounds",
    "d": rf"{_NUMBER} %|{_NUMBER}|a number beyond all bounds",
    "long": r"1 epoch|\d+ epochs|\d+ updates",
    "last": r"the last epoch|the last \d+ epochs|the last \d+ updates",
    "unit": r"epoch|block of updates",
}

_LOWEST = "the loss may have no lowest value at all."

#: Clauses, the longer before those that they begin with.
CLAUSES: tuple[tuple[str, str], ...] = (
    # Too little to tell
    (
        "no epoch is on record yet, so there is nothing to tell it by.",
        "기록된 에폭이 아직 없어 판단할 수 없음.",
    ),
    (
        "one loss alone is on record, {a}, and it takes two to see which way it goes.",
        "기록된 손실이 하나뿐({a})이라 어느 쪽으로 가는지 알 수 없음.",
    ),
    (
        "the loss went from {a} to {b} in {long}, too few to see through the noise of the batches.",
        "{long} 동안 손실 {a} → {b}: 배치의 잡음 속에서 판단하기에는 너무 짧음.",
    ),
    (
        "within its noise the loss has stayed near {a} for {long}",
        "손실이 {long} 동안 잡음 범위에서 {a} 근처에 머묾",
    ),
    (
        ", though θ is on its way in one direction ({a} of it in the last quarter)",
        ", 다만 θ는 한 방향으로 나아가는 중 (마지막 1/4에서 {a})",
    ),
    (
        ". More epochs, a larger learning rate or full_loss=True will tell more.",
        ". 에폭이나 학습률을 늘리거나 full_loss=True로 보면 더 알 수 있음.",
    ),
    # Downhill
    (
        "the loss has levelled off at {a} (by {b} over {last}), above the {c} that it had "
        "reached: ",
        "손실이 {a}에서 더 변하지 않음({last} 동안 {b}), 도달했던 {c}보다 높음: ",
    ),
    (
        "the surface is flat here, but this is not its lowest place.",
        "이곳은 평탄하지만 가장 낮은 곳은 아님.",
    ),
    ("the noise of the batches keeps it up.", "배치의 잡음 때문에 내려가지 못함."),
    ("the loss is 0 after {long}", "{long} 뒤 손실 0"),
    ("over {last} the loss has stayed at {a}", "{last} 동안 손실이 그대로임 ({a})"),
    (
        "over {last} the loss fell by {a} to {b}, of {c} in all",
        "{last} 동안 손실이 {a} 줄어 현재 {b} (전체 감소 {c})",
    ),
    (
        "over {last} the loss rose by {a} to {b}, of {c} in all",
        "{last} 동안 손실이 {a} 늘어 현재 {b} (전체 감소 {c})",
    ),
    ("over {last} the loss fell by {a} to {b}", "{last} 동안 손실이 {a} 줄어 현재 {b}"),
    ("over {last} the loss rose by {a} to {b}", "{last} 동안 손실이 {a} 늘어 현재 {b}"),
    (
        "the loss rose by {a} to {b} over {last}, from {c} at the lowest.",
        "손실이 최저 {c}에 이른 뒤 {last} 동안 {a} 늘어 현재 {b}.",
    ),
    (
        ", but the gradient norm is still {a} of its largest: what has come to an end is the "
        "learning rate, now {b}.",
        ", 그러나 기울기의 크기는 아직 최대의 {a}: 다한 것은 학습률(현재 {b}).",
    ),
    (", and the gradient norm is {a} of its largest", ", 기울기의 크기는 최대의 {a}"),
    (
        "; from one {unit} to the next it moves by {a} on average",
        "; {unit}마다 평균 {a} 움직임",
    ),
    (", and θ by {a} of its whole way", ", θ는 전체 거리의 {a}"),
    (
        ". Single epochs gained less than the tolerance, so a smaller one will take it further.",
        ". 에폭 한 번의 감소가 허용 오차보다 작아 멈춤. 허용 오차를 줄이면 더 내려감.",
    ),
    (
        ". More epochs or a larger learning rate will take it further.",
        ". 에폭이나 학습률을 늘리면 더 내려감.",
    ),
    # Steps that go too far
    (
        "numbers became too large in epoch {a}, at update {b}",
        "에폭 {a}, 갱신 {b}에서 수가 너무 커짐",
    ),
    ("; the last finite loss was {a}", "; 마지막 유한한 손실 {a}"),
    ("; the first on record is {a}", "; 첫 기록 {a}"),
    (f". {_LOWEST.capitalize()}", ". 손실에 최솟값이 없을지도 모름."),
    (
        "the loss falls without end, from {a}: it may have no lowest value at all.",
        "손실이 끝없이 줄어듦(처음 {a}): 최솟값이 없을지도 모름.",
    ),
    ("the loss has grown from {a} at the start to {b}", "손실이 처음 {a}에서 커져 현재 {b}"),
    ("the loss has grown from {a} at the lowest to {b}", "손실이 최저 {a}에서 커져 현재 {b}"),
    ("the loss has grown from {a} to {b}", "손실이 처음 {a}에서 커져 현재 {b}"),
    (", lately by {a} an epoch", ", 최근에는 에폭마다 {a}"),
    (", lately by {a} in {long}", ", 최근에는 {long} 동안 {a}"),
    (
        "the gradient norm grows, lately by {a} an epoch to {b}, and the loss rose by {c} to {d} "
        "where it should have fallen: the steps go too far, and farther each time.",
        "기울기의 크기가 최근 에폭마다 {a} 커져 현재 {b}, "
        "줄어야 할 손실이 {c} 늘어 현재 {d}: 걸음이 갈수록 더 지나침.",
    ),
    (
        "θ jumps back and forth, and the jumps grow, lately by {a} an update to {b}.",
        "θ가 오가며 뛰는 폭이 최근 갱신마다 {a} 커져 현재 {b}.",
    ),
    (
        "θ jumps back and forth by {a}: each of the last {b} updates undoes the one before (the "
        "cosine between them is {c}) and the jumps do not shrink, while the loss is {d}.",
        "θ가 폭 {a}만큼 오가며 뜀: 마지막 갱신 {b}회가 저마다 바로 앞의 갱신을 되돌리고"
        "(코사인 {c}) 폭이 줄지 않음, 손실은 {d}.",
    ),
    (
        "the loss goes up and down by {a} on average from one {unit} to the next, around {b}",
        "손실이 {unit}마다 평균 {a} 오르내림, 중심은 {b}",
    ),
    (
        ", while θ jumps about by {a} of the whole way that it has come",
        ", θ는 지나온 거리의 {a}만큼 이리저리 뜀",
    ),
    (
        "the gradient norm stays at {a}, which promises a fall of {b} over {last}, but the loss, "
        "{c}, ",
        "기울기의 크기가 {a}에 머물러 {last} 동안 {b} 줄어야 하지만, 손실({c})은 ",
    ),
    (
        "the gradient norm stays at {a}, but the loss, {b}, ",
        "기울기의 크기가 {a}에 머물지만, 손실({b})은 ",
    ),
    ("fell by {a}", "{a}만 줄어듦"),
    ("did not fall", "줄지 않음"),
    (" over {last}", " ({last} 동안)"),
    (": the steps go too far.", ": 걸음이 지나침."),
    (" A learning rate smaller than {a} may help.", " {a}보다 작은 학습률이 도움이 될 수 있음."),
    # Plateaus
    ("the loss is {a} and has moved by {b} in {long}, but ", "손실 {a}, {long} 동안 변화 {b}: "),
    (
        "it falls by more from {unit} to {unit}, lately by {a}, where near a minimum it would fall "
        "by less",
        "줄어드는 폭이 {unit}마다 커짐(최근 {a}), 최솟값 근처라면 작아질 것임",
    ),
    ("it is not zero, nor has it come down to where it is", "0도 아니고, 내려와서 이른 값도 아님"),
    (
        "the gradient is exactly 0: no step leads anywhere (at a minimum none has to)",
        "기울기가 정확히 0이라 어디로도 나아가지 않음(최솟값에서는 당연함)",
    ),
    (
        "the gradient norm, {a}, has never been larger (it grew by {b}), where on the way to a "
        "minimum it would shrink",
        "기울기의 크기({a})가 지금 가장 큼({b} 커짐), 최솟값으로 가는 길이라면 작아질 것임",
    ),
    (
        "the gradient norm, {a}, is still {b} of its largest, and at the pace at which both shrink "
        "there is next to nothing to come",
        "기울기의 크기({a})가 아직 최대의 {b}이며, 지금 속도로는 더 줄어들 것이 거의 없음",
    ),
    (
        "the gradient norm has collapsed from {a} to {b}: the steps have jumped to where the "
        "surface is flat",
        "기울기의 크기가 {a}에서 {b}까지 무너짐: 평탄한 곳으로 뛰어넘음",
    ),
    (
        "the gradient norm no longer shrinks: it is {a} and grew by {b} in the later half of the "
        "walk",
        "기울기의 크기가 더는 줄지 않음: {a}, 후반에 {b} 커짐",
    ),
    (
        ". Another start, or momentum, may get away from here.",
        ". 시작점을 바꾸거나 모멘텀을 쓰면 벗어날 수 있음.",
    ),
    (".", "."),
)


def sentence_of(verdict: Verdict) -> tuple[str, str]:
    """Write the sentence of `verdict` in the chosen language, if it can be; and say which it is."""
    if chosen_language() == "ko":
        korean = in_korean(verdict.sentence)
        if korean is not None:
            return korean, "ko"
    return verdict.sentence, "en"


def in_korean(sentence: str) -> str | None:
    """`sentence` clause by clause; None if there is one that is not known here."""
    written, place = [], 0
    while place < len(sentence):
        for pattern, korean in _patterns():
            found = pattern.match(sentence, place)
            if found:
                blanks = {name: _blank(text) for name, text in found.groupdict().items()}
                written.append(korean.format(**blanks))
                place = found.end()
                break
        else:
            return None
    return "".join(written)


@functools.cache
def _patterns() -> tuple[tuple[re.Pattern[str], str], ...]:
    return tuple((re.compile(_pattern(english)), korean) for english, korean in CLAUSES)


def _pattern(english: str) -> str:
    """Turn a clause into a pattern; a blank that comes twice is the same twice."""
    written, seen = "", set[str]()
    for piece in re.split(r"(\{\w+\})", english):
        name = piece[1:-1]
        if not piece.startswith("{"):
            written += re.escape(piece)
        elif name in seen:
            written += f"(?P={name})"
        else:
            written += f"(?P<{name}>{_BLANKS[name]})"
            seen.add(name)
    return written


def _blank(text: str) -> str:
    """Translate what stood in a blank."""
    words = {
        "a number beyond all bounds": "끝없이 큰 수",
        "the start": "알 수 없음",
        "the last epoch": "마지막 에폭",
        "epoch": "에폭",
        "block of updates": "갱신 묶음",
    }
    if text in words:
        return words[text]
    counted = re.fullmatch(r"(the last )?(\d+) (epochs?|updates)", text)
    if counted is None:
        return text
    unit = "갱신 {}회" if counted[3] == "updates" else "{}에폭"
    return ("마지막 " if counted[1] else "") + unit.format(counted[2])
