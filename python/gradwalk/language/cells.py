"""What the check of a notebook cell says of its names."""

from __future__ import annotations

from .chosen import LANGUAGES, chosen_language

SENTENCES: dict[str, dict[str, str]] = {
    "read": {
        "en": "Read as: θ = {theta}; X = {X}; y = {y}; rate {rate}; {epochs} passes; "
        "{method} of {loss}{more}.",
        "ko": "이렇게 읽었습니다: θ = {theta}; X = {X}; y = {y}; 학습률 {rate}; {epochs}회 반복; "
        "{method}, 손실 {loss}{more}.",
    },
    "unsure": {
        "en": "No loss was told, and {loss} was taken. If the cell means another: "
        "%%gd_check loss=name",
        "ko": "손실을 알려 주지 않아 {loss}(으)로 보았습니다. 다른 손실이라면: "
        "%%gd_check loss=이름",
    },
    "others": {
        "en": "Only the first loop was checked; another begins in line {lines}.",
        "ko": "첫 번째 반복문만 확인했습니다. {lines}번째 줄에서 다른 반복문이 시작됩니다.",
    },
    "loop": {
        "en": "No loop was found in which parameters are updated from data. A loop inside a "
        "function is checked by gw.check_loop.",
        "ko": "데이터로 매개변수를 갱신하는 반복문을 찾지 못했습니다. 함수 안의 반복문은 "
        "gw.check_loop으로 확인하세요.",
    },
    "X": {
        "en": "The features X were not found{name}. Tell their name: %%gd_check X=name",
        "ko": "특성 X를 찾지 못했습니다{name}. 이름을 알려 주세요: %%gd_check X=이름",
    },
    "y": {
        "en": "The targets y were not found{name}. Tell their name: %%gd_check y=name",
        "ko": "목표값 y를 찾지 못했습니다{name}. 이름을 알려 주세요: %%gd_check y=이름",
    },
    "theta": {
        "en": "The parameters θ were not found among {names}. Tell their names: "
        "%%gd_check theta=name, or %%gd_check w=name b=name",
        "ko": "{names} 중에서 매개변수 θ를 찾지 못했습니다. 이름을 알려 주세요: "
        "%%gd_check theta=이름, 또는 %%gd_check w=이름 b=이름",
    },
    "theta shape": {
        "en": "θ = {name} has the shape {shape}, which does not fit the {features} columns of X. "
        "Tell the right names: %%gd_check theta=name X=name",
        "ko": "θ = {name}의 모양 {shape}이(가) X의 열 {features}개와 맞지 않습니다. 맞는 이름을 "
        "알려 주세요: %%gd_check theta=이름 X=이름",
    },
    "rate": {
        "en": "The learning rate was not found. Tell its name or number: %%gd_check lr=name",
        "ko": "학습률을 찾지 못했습니다. 이름이나 값을 알려 주세요: %%gd_check lr=이름",
    },
    "loss": {
        "en": "The loss was not recognised. Tell it: %%gd_check loss=mse",
        "ko": "손실을 알 수 없습니다. 알려 주세요: %%gd_check loss=mse",
    },
    "rows": {
        "en": "Which rows an update takes could not be seen. Keep X and y in arrays or lists: "
        "X = X.to_numpy()",
        "ko": "갱신마다 어떤 행을 쓰는지 볼 수 없었습니다. X와 y를 배열이나 리스트로 두세요: "
        "X = X.to_numpy()",
    },
    "look ahead": {
        "en": "The gradient is taken at θ moved on by {names}: such a loop is checked as a "
        "function that returns the points of its gradients, by gw.check_loop.",
        "ko": "기울기를 {names}만큼 앞선 θ에서 구합니다. 이런 반복문은 기울기를 구한 점들을 "
        "돌려주는 함수로 만들어 gw.check_loop으로 확인하세요.",
    },
    "name": {
        "en": "The cell stops before its loop: {error}. Run the cells that it needs first.",
        "ko": "셀이 반복문에 이르기 전에 멈춥니다: {error}. 필요한 셀을 먼저 실행하세요.",
    },
    "syntax": {
        "en": "The cell is no Python: {error} (line {line}).",
        "ko": "셀이 올바른 파이썬 코드가 아닙니다: {error} ({line}번째 줄).",
    },
    "number": {
        "en": "{key} must be a number, or a name that holds one; got {got}.",
        "ko": "{key}은(는) 숫자이거나 숫자를 담은 이름이어야 합니다. 받은 값: {got}.",
    },
    "value": {
        "en": "{key} must be one of {known}; got {got}.",
        "ko": "{key}은(는) 다음 중 하나여야 합니다: {known}. 받은 값: {got}.",
    },
    "told": {
        "en": "{key} is not known; what may be told: {known}.",
        "ko": "{key}은(는) 알 수 없는 이름입니다. 알려 줄 수 있는 것: {known}.",
    },
}


def said(name: str, language: str | None = None, /, **figures: object) -> str:
    """Say `name` in `language`, or in the one that is set, its blanks filled from `figures`."""
    language = language or chosen_language()
    if language not in LANGUAGES:
        raise ValueError(f'language must be "en" or "ko", got {language!r}')
    filled = {"name": "", "names": "?"} | figures
    if name in ("X", "y") and filled["name"]:
        filled["name"] = f" ({filled['name']})"
    return SENTENCES[name][language].format(**filled)
