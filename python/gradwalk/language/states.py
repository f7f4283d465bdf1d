"""How a walk went, and why it stopped, in a word."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .chosen import chosen_language

if TYPE_CHECKING:
    from gradwalk._core import Verdict, _Kind

#: By the names that the core has for the kinds of a verdict.
KINDS: dict[_Kind, dict[str, str]] = {
    "converged": {"en": "converged", "ko": "수렴"},
    "still descending": {"en": "still descending", "ko": "아직 하강 중"},
    "narrow valley": {"en": "crawling along a narrow valley", "ko": "좁은 골짜기를 기어가는 중"},
    "oscillating": {"en": "oscillating", "ko": "진동"},
    "diverging": {"en": "diverging", "ko": "발산"},
    "plateau": {"en": "stuck on a plateau", "ko": "평탄 구간에 갇힘"},
    "stationary point": {"en": "at a stationary point", "ko": "정지점에 있음"},
}

#: By the words of ``stop_reason_``.
STOPS: dict[str, dict[str, str]] = {
    "epochs done": {"en": "epochs done", "ko": "에폭을 모두 마침"},
    "updates done": {"en": "updates done", "ko": "갱신을 모두 마침"},
    "tolerance met": {"en": "tolerance met", "ko": "허용 오차에 도달"},
    "gradient small": {"en": "gradient small", "ko": "기울기가 충분히 작음"},
    "steps small": {"en": "steps small", "ko": "걸음이 충분히 작음"},
    "no improvement": {"en": "no improvement", "ko": "더 나아지지 않음"},
    "diverged": {"en": "diverged", "ko": "발산"},
    "callback": {"en": "callback", "ko": "콜백이 멈춤"},
    "interrupted": {"en": "interrupted", "ko": "중단됨"},
    "failed": {"en": "failed", "ko": "오류로 멈춤"},
    "walking": {"en": "walking", "ko": "진행 중"},
}


def word_of(verdict: Verdict | _Kind, language: str | None = None) -> str:
    """Say the kind of `verdict`, or the kind of this name, in the language that is set."""
    kind = verdict if isinstance(verdict, str) else verdict.kind
    return KINDS[kind][language or chosen_language()]


def state_of(told: str, language: str | None = None) -> str:
    """Say why a walk stopped; anything else stays as it is."""
    return STOPS[told][language or chosen_language()] if told in STOPS else told
