"""What the magics say beside the reports."""

from __future__ import annotations

from .chosen import chosen_language

SENTENCES: dict[str, dict[str, str]] = {
    "times": {
        "en": "The cell took {cell}; gradwalk makes its walk in {ours}.",
        "ko": "셀은 {cell} 걸렸고, gradwalk는 같은 길을 {ours} 만에 갑니다.",
    },
    "race": {
        "en": "gradwalk is {ratio} times as fast",
        "ko": "gradwalk가 {ratio}배 빠릅니다",
    },
    "lost race": {
        "en": "gradwalk is slower, by a factor of {ratio}",
        "ko": "gradwalk가 {ratio}배 느립니다",
    },
    "same work": {
        "en": "The same walk: {n} rows, {epochs} epochs, {updates} updates, the same θ after each "
        "that was compared ({compared}).",
        "ko": "같은 길입니다: {n}행, {epochs} 에폭, 갱신 {updates}번. 비교한 θ {compared}개가 모두 "
        "같습니다.",
    },
    "own draws": {
        "en": "The rows were drawn anew for gradwalk, as many of them.",
        "ko": "gradwalk는 같은 수의 행을 따로 뽑았습니다.",
    },
    "rounds": {
        "en": "Each the best of {count} runs, without printing and drawing; gradwalk records the "
        "loss of each epoch{full}.",
        "ko": "각각 {count}번 가운데 가장 빠른 시간이고, 출력과 그림은 뺐습니다. gradwalk는 "
        "에폭마다 손실{full}을 기록합니다.",
    },
    "full": {"en": " on all rows", "ko": "(모든 행)"},
    "no race": {
        "en": "No race: the two do not do the same work.",
        "ko": "경주하지 않았습니다. 둘이 하는 일이 다릅니다.",
    },
    "columns of a race": {"en": "loop|time|an update", "ko": "반복문|시간|갱신 한 번"},
    "the cell": {"en": "the cell", "ko": "셀"},
    "config": {
        "en": "language={language} theme={theme} live={live}",
        "ko": "language={language} theme={theme} live={live}",
    },
    "pairs": {
        "en": "Write name=value, as in {example}; got {got}",
        "ko": "{example}처럼 이름=값으로 쓰세요. 받은 것: {got}",
    },
    "setting": {
        "en": "{name} must be one of {known}; got {got}",
        "ko": "{name}은(는) {known} 가운데 하나여야 합니다. 받은 것: {got}",
    },
    "needs": {
        "en": "{name} is checked on X and y: tell their names, %%gd_check X=name y=name",
        "ko": "{name} 함수는 X와 y로 확인합니다. 이름을 알려 주세요: %%gd_check X=이름 y=이름",
    },
}


def told(name: str, language: str | None = None, /, **figures: object) -> str:
    """Say it in `language`, or in the one that is set."""
    return SENTENCES[name][language or chosen_language()].format(**figures)
