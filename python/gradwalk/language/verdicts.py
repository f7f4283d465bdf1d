"""The sentences of a verdict.

The core names clauses and gives figures; here is what each clause says, once in each language.
Blanks are names of figures: `{loss}` is a number to four digits, `{gradient_left:%}` a share in per
cent, `{change:size}` a number without its sign. `{last}` and `{all}` are the last quarter of the
walk and the whole of it, in epochs or updates, and `{unit}` is what one loss on record stands for.

The evidence is one sentence, clause after clause; each advice is one of its own. The Korean clauses
end in a noun, and no figure has a particle that depends on how it is read aloud.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from gradwalk._text import rounded

from .chosen import chosen_language

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gradwalk._core import Verdict

EVIDENCE: dict[str, dict[str, str]] = {
    # Too little to tell
    "no epoch": {
        "en": "no epoch is on record yet, so there is nothing to tell it by",
        "ko": "기록된 에폭이 아직 없어 판단할 수 없음",
    },
    "one loss": {
        "en": "one loss alone is on record, {loss}, and it takes two to see which way it goes",
        "ko": "기록된 손실이 하나뿐({loss})이라 어느 쪽으로 가는지 알 수 없음",
    },
    "too few": {
        "en": "the loss went from {first_loss} to {loss} in {all}, too few to see through the "
        "noise "
        "of the batches",
        "ko": "{all} 동안 손실 {first_loss} → {loss}: 배치의 잡음 속에서 판단하기에는 너무 짧음",
    },
    "lost in noise": {
        "en": "within its noise the loss has stayed near {loss} for {all}",
        "ko": "손실이 {all} 동안 잡음 범위에서 {loss} 근처에 머묾",
    },
    "on its way": {
        "en": "though θ is on its way in one direction ({lately:%} of it in the last quarter)",
        "ko": "다만 θ는 한 방향으로 나아가는 중 (마지막 1/4에서 {lately:%})",
    },
    # Downhill
    "fell": {
        "en": "over {last} the loss fell by {change:size} to {loss}, of {fall} in all",
        "ko": "{last} 동안 손실이 {change:size} 줄어 현재 {loss} (전체 감소 {fall})",
    },
    "rose": {
        "en": "over {last} the loss rose by {change:size} to {loss}",
        "ko": "{last} 동안 손실이 {change:size} 늘어 현재 {loss}",
    },
    "stayed": {
        "en": "over {last} the loss has stayed at {loss}",
        "ko": "{last} 동안 손실이 그대로임 ({loss})",
    },
    "above lowest": {
        "en": "above the {lowest_loss} that it had reached",
        "ko": "도달했던 {lowest_loss}보다 높음",
    },
    "above start": {
        "en": "above the {first_loss} that it began with",
        "ko": "처음의 {first_loss}보다 높음",
    },
    "gradient left": {
        "en": "and the gradient norm is {gradient_left:%} of its largest",
        "ko": "기울기의 크기는 최대의 {gradient_left:%}",
    },
    "still steep": {
        "en": "so that the steps are too small to get anywhere",
        "ko": "걸음이 너무 작아 거의 나아가지 못함",
    },
    "rate spent": {
        "en": "but what has come to an end is the learning rate, now {learning_rate}",
        "ko": "다한 것은 학습률 (현재 {learning_rate})",
    },
    "moves": {
        "en": "from one {unit} to the next it moves by {swing} on average",
        "ko": "{unit}마다 평균 {swing} 움직임",
    },
    "jitter": {
        "en": "while θ moves about by {jitter:%} of the whole way that it has come",
        "ko": "θ는 지나온 거리의 {jitter:%}만큼 움직임",
    },
    "gains pace": {
        "en": "and falls faster from {unit} to {unit}, where near a minimum it would slow down",
        "ko": "줄어드는 폭이 {unit}마다 커짐, 최솟값 근처라면 작아질 것임",
    },
    # Narrow valleys
    "valley": {
        "en": "while the gradient norm, {gradient_left:%} of its largest, hardly shrinks any more: "
        "θ "
        "creeps along the floor of a narrow valley",
        "ko": "기울기의 크기는 최대의 {gradient_left:%}에서 거의 줄지 않음: "
        "θ가 좁은 골짜기의 바닥을 기어감",
    },
    "creeps": {
        "en": "while one parameter goes on and on in one direction: θ creeps along the floor of a "
        "narrow valley",
        "ko": "매개변수 하나는 한 방향으로 계속 나아감: θ가 좁은 골짜기의 바닥을 기어감",
    },
    "condition": {
        "en": "some {condition_number:round} times steeper across than along (the "
        "condition number)",
        "ko": "가로 방향이 세로 방향보다 약 {condition_number:round}배 가파름 (조건수)",
    },
    # Steps that go too far
    "blown up": {
        "en": "numbers became too large in epoch {epoch}, at update {update}",
        "ko": "에폭 {epoch}, 갱신 {update}에서 수가 너무 커짐",
    },
    "last finite": {
        "en": "the last finite loss was {last_finite_loss}",
        "ko": "마지막 유한한 손실 {last_finite_loss}",
    },
    "first loss": {
        "en": "the first on record is {first_loss}",
        "ko": "첫 기록 {first_loss}",
    },
    "first not finite": {
        "en": "the very first loss is not finite, before any step was made",
        "ko": "한 걸음도 가기 전에 첫 손실이 이미 유한하지 않음",
    },
    "no lowest value": {
        "en": "and it may have no lowest value at all",
        "ko": "최솟값이 없을지도 모름",
    },
    "grown beyond numbers": {
        "en": "the loss has grown beyond all bounds",
        "ko": "손실이 끝없이 커짐",
    },
    "grown": {
        "en": "the loss has grown to {loss}, from {first_loss} at first and {lowest_loss} at the "
        "lowest",
        "ko": "손실이 커져 현재 {loss} (처음 {first_loss}, 최저 {lowest_loss})",
    },
    "growth pace": {
        "en": "lately by {growth:%} from one {unit} to the next",
        "ko": "최근에는 {unit}마다 {growth:%}",
    },
    "gradient grows": {
        "en": "the gradient norm grows, lately by {gradient_growth:%} an epoch to {gradient_norm}, "
        "and the loss rises to {loss} where it should fall: the steps go too far, and farther each "
        "time",
        "ko": "기울기의 크기가 최근 에폭마다 {gradient_growth:%} 커져 현재 {gradient_norm}, "
        "줄어야 할 손실이 늘어 현재 {loss}: 걸음이 갈수록 더 지나침",
    },
    "jumps grow": {
        "en": "θ jumps back and forth, and the jumps grow, lately by {growth:%} an update "
        "to {jump}",
        "ko": "θ가 오가며 뛰는 폭이 최근 갱신마다 {growth:%} 커져 현재 {jump}",
    },
    "jumps": {
        "en": "θ jumps back and forth by {jump}: each of the last {jumps} updates undoes the one "
        "before (the cosine between them is {cosine}) and the jumps do not shrink, while the loss "
        "is "
        "{loss}",
        "ko": "θ가 폭 {jump}만큼 오가며 뜀: 마지막 갱신 {jumps}회가 저마다 바로 앞의 "
        "갱신을 되돌리고"
        "(코사인 {cosine}) 폭이 줄지 않음, 손실은 {loss}",
    },
    "no fall": {
        "en": "the gradient norm stays at {gradient_norm}, which promises a fall, but over {last} "
        "the "
        "loss, {loss}, hardly fell: the steps go too far",
        "ko": "기울기의 크기가 {gradient_norm}에 머물러 손실이 줄어야 하지만 "
        "{last} 동안 거의 줄지 않음(현재 {loss}): 걸음이 지나침",
    },
    "swings": {
        "en": "the loss goes up and down by {swing} on average from one {unit} to the next, around "
        "{loss}",
        "ko": "손실이 {unit}마다 평균 {swing} 오르내림, 중심은 {loss}",
    },
    "noise keeps it up": {
        "en": "for the noise of the batches keeps it up",
        "ko": "배치의 잡음 때문에 내려가지 못함",
    },
    # Where no step leads anywhere
    "hardly moved": {
        "en": "the loss is {loss} and has fallen by {fall} in {all}",
        "ko": "손실 {loss}, {all} 동안 감소 {fall}",
    },
    "never larger": {
        "en": "but the gradient norm has never been larger, where on the way to a minimum it would "
        "shrink",
        "ko": "기울기의 크기가 지금 가장 큼, 최솟값으로 가는 길이라면 작아질 것임",
    },
    "collapsed": {
        "en": "but the gradient norm has collapsed: the steps have jumped to where the surface is "
        "flat",
        "ko": "기울기의 크기가 무너짐: 평탄한 곳으로 뛰어넘음",
    },
    "no longer shrinks": {
        "en": "but the gradient norm no longer shrinks: it is {gradient_norm} and grew by "
        "{gradient_growth:%} in the later half of the walk",
        "ko": "기울기의 크기가 더는 줄지 않음: {gradient_norm}, 후반에 {gradient_growth:%} 커짐",
    },
    "not the lowest": {
        "en": "for the surface is flat here, though not at its lowest",
        "ko": "이곳은 평탄하지만 가장 낮은 곳은 아님",
    },
    "zero from the start": {
        "en": "the gradient is exactly 0 from the start, so that no step leads anywhere",
        "ko": "기울기가 처음부터 정확히 0이라 어디로도 나아가지 않음",
    },
}

ADVICE: dict[str, dict[str, str]] = {
    "go on": {
        "en": "More epochs or a larger learning rate will take it further",
        "ko": "에폭이나 학습률을 늘리면 더 내려감",
    },
    "larger rate": {
        "en": "A larger learning rate will take it further",
        "ko": "학습률을 늘리면 더 내려감",
    },
    "smaller tolerance": {
        "en": "Single epochs gained less than the tolerance, so a smaller one will take it further",
        "ko": "에폭 한 번의 감소가 허용 오차보다 작아 멈춤, 허용 오차를 줄이면 더 내려감",
    },
    "look longer": {
        "en": "More epochs, a larger learning rate or full_loss=True will tell more",
        "ko": "에폭이나 학습률을 늘리거나 full_loss=True로 보면 더 알 수 있음",
    },
    "standardise": {
        "en": "Standardise the columns of X: subtract the mean of each, divide by its standard "
        "deviation",
        "ko": "X의 열을 표준화할 것: 열마다 평균을 빼고 표준편차로 나눔",
    },
    "rescale": {
        "en": "Bring the coordinates to one scale, or try momentum or Adam",
        "ko": "좌표의 크기를 맞추거나 모멘텀 또는 Adam을 쓸 것",
    },
    "smaller rate": {
        "en": "A learning rate smaller than {learning_rate} may help",
        "ko": "{learning_rate}보다 작은 학습률이 도움이 될 수 있음",
    },
    "look at the start": {
        "en": "Start from other parameters (init, or x0), or bring X and y to a smaller scale",
        "ko": "다른 시작점(init 또는 x0)을 쓰거나 X와 y의 크기를 줄일 것",
    },
    "get away": {
        "en": "Another start, or momentum, may get away from here",
        "ko": "시작점을 바꾸거나 모멘텀을 쓰면 벗어날 수 있음",
    },
    "start elsewhere": {
        "en": "A maximum and a saddle look like that, as does a minimum: start elsewhere to see",
        "ko": "최댓값과 안장점도, 최솟값도 이렇게 보임: 다른 곳에서 시작해 볼 것",
    },
}

#: What one loss on record stands for, some of them, and the last of them.
UNITS: dict[str, dict[str, str]] = {
    "epoch": {"en": "epoch", "ko": "에폭"},
    "block": {"en": "block of updates", "ko": "갱신 묶음"},
    "one epoch": {"en": "1 epoch", "ko": "1에폭"},
    "epochs": {"en": "{count} epochs", "ko": "{count}에폭"},
    "updates": {"en": "{count} updates", "ko": "갱신 {count}회"},
    "last epoch": {"en": "the last epoch", "ko": "마지막 에폭"},
    "last": {"en": "the last {some}", "ko": "마지막 {some}"},
}


def sentence_of(verdict: Verdict, language: str | None = None) -> str:
    """Say the evidence for `verdict` in the language that is set, and what may help."""
    language = language or chosen_language()
    blanks = _blanks(verdict.figures, language)
    sentences = _sentences(verdict.clauses, language)
    return " ".join(f"{sentence.format_map(blanks)}." for sentence in sentences)


def _sentences(clauses: tuple[str, ...], language: str) -> Iterator[str]:
    """Yield the evidence as one sentence, and then the advice."""
    yield ", ".join(EVIDENCE[clause][language] for clause in clauses if clause in EVIDENCE)
    yield from (ADVICE[clause][language] for clause in clauses if clause in ADVICE)


class _Blanks(dict[str, object]):
    """What stands in the blanks. A figure that no number was found for is a dash."""

    def __missing__(self, name: str) -> _Number:
        return _Number(math.nan)


class _Number(float):
    """A figure, written as a reader wants it."""

    def __format__(self, form: str) -> str:
        value = float(self)
        if not math.isfinite(value):
            return "– %" if form == "%" else "–"
        if form == "%":
            return f"{rounded(100 * value, 2, 2)} %"
        if form == "size":
            return rounded(abs(value), 4, 2)
        return rounded(value, 1 if form == "round" else 4, 2)


def _blanks(figures: Mapping[str, float], language: str) -> _Blanks:
    blanks = _Blanks({name: _Number(figure) for name, figure in figures.items()})
    each = figures.get("updates_per_step")

    def some(steps: float) -> str:
        if each is not None:
            return UNITS["updates"][language].format(count=int(steps * each))
        return UNITS["one epoch" if steps == 1 else "epochs"][language].format(count=int(steps))

    quarter = figures.get("quarter", 0)
    is_one = each is None and quarter == 1
    last = UNITS["last epoch" if is_one else "last"][language].format(some=some(quarter))
    unit = UNITS["epoch" if each is None else "block"][language]
    blanks.update(last=last, all=some(figures.get("steps", 0)), unit=unit)
    return blanks
