"""Each text of a picture, in both languages. Formulas stay outside: no Hangul inside math."""

from __future__ import annotations

from .fonts import shown_language

WORDS: dict[str, dict[str, str]] = {
    # Walks
    "batch": {"en": "batch", "ko": "배치"},
    "stochastic": {"en": "stochastic", "ko": "확률적"},
    "mini-batch": {"en": "mini-batch ({rows} rows)", "ko": "미니배치 ({rows}행)"},
    "mini-batch of some rows": {"en": "mini-batch", "ko": "미니배치"},
    "walk": {"en": "walk", "ko": "경로"},
    "diverged": {"en": "{name}: diverged", "ko": "{name}: 발산"},
    "diverging": {"en": "{name}: diverging", "ko": "{name}: 발산 중"},
    "interrupted": {"en": "{name}: interrupted", "ko": "{name}: 중단됨"},
    "leaves at update": {
        "en": "diverged: leaves the picture\nat update {number:,}",
        "ko": "발산: 갱신 {number:,}회에\n그림을 벗어남",
    },
    "leaves at epoch": {
        "en": "diverged: leaves the picture\nin epoch {number:,}",
        "ko": "발산: {number:,}번째 에폭에\n그림을 벗어남",
    },
    "diverged at update": {
        "en": "diverged after update {number:,}",
        "ko": "갱신 {number:,}회 뒤 발산",
    },
    "diverged at epoch": {
        "en": "diverged after epoch {number:,}",
        "ko": "{number:,}번째 에폭 뒤 발산",
    },
    # Axes
    "epoch": {"en": "epoch", "ko": "에폭"},
    "epochs": {"en": "epochs", "ko": "에폭 수"},
    "update": {"en": "update", "ko": "갱신"},
    "updates": {"en": "updates", "ko": "갱신 횟수"},
    "seconds": {"en": "seconds of walking (log scale)", "ko": "걸린 시간, 초 (로그 눈금)"},
    "loss": {"en": "loss{loss}", "ko": "손실{loss}"},
    "loss as visited": {
        "en": "loss{loss}, mean over the epoch",
        "ko": "손실{loss}, 에폭 평균",
    },
    "loss on all rows": {"en": "loss{loss} on all rows", "ko": "전체 데이터의 손실{loss}"},
    "value as visited": {"en": "f(x), mean over the epoch", "ko": "f(x), 에폭 평균"},
    "value": {"en": "f(x)", "ko": "f(x)"},
    "validation": {"en": "{name}, validation", "ko": "{name}, 검증"},
    "learning rate": {"en": "learning rate η", "ko": "학습률 η"},
    "gradient norm": {"en": "norm of the gradient", "ko": "기울기의 크기"},
    "batch size": {"en": "batch size, rows", "ko": "배치 크기, 행"},
    "no log axis": {
        "en": "nothing is above 0: no log scale",
        "ko": "0보다 큰 값이 없어 로그 눈금 대신 선형 눈금",
    },
    "not on a log axis": {
        "en": "values of 0 and below are not on a log scale",
        "ko": "0 이하의 값은 로그 눈금에 나타나지 않음",
    },
    # Parameters
    "weight": {"en": "weight of {name}", "ko": "{name}의 가중치"},
    "weight for class": {
        "en": "weight of {name} for class {label}",
        "ko": "클래스 {label}에 대한 {name}의 가중치",
    },
    "intercept": {"en": "intercept", "ko": "절편"},
    "intercept for class": {"en": "intercept for class {label}", "ko": "클래스 {label}의 절편"},
    "feature": {"en": "feature {number}", "ko": "특성 {number}"},
    "coordinate": {"en": "coordinate {number} of x", "ko": "x의 {number}번 좌표"},
    "class": {"en": "class {label}", "ko": "클래스 {label}"},
    # Marks
    "start": {"en": "start", "ko": "시작"},
    "end": {"en": "end of a walk", "ko": "경로의 끝"},
    "minimum": {"en": "minimum", "ko": "최소점"},
    "global minimum": {"en": "global minimum", "ko": "전역 최소점"},
    "local minimum": {"en": "local minimum", "ko": "지역 최소점"},
    "contour": {"en": "line of equal loss{loss}", "ko": "손실이 같은 선{loss}"},
    "contour of values": {"en": "line of equal f(x)", "ko": "f(x)가 같은 선"},
    "data": {"en": "data", "ko": "데이터"},
    "fit": {"en": "fit", "ko": "적합"},
    "raw": {"en": "raw", "ko": "원본"},
    "standardised": {"en": "standardised", "ko": "표준화"},
    # scaling_contours
    "condition": {"en": "condition number κ = {number}", "ko": "조건수 κ = {number}"},
    "after updates": {
        "en": "η = {rate}: loss {loss} after {updates} updates",
        "ko": "η = {rate}: 갱신 {updates}회 뒤 손실 {loss}",
    },
    # method_comparison
    "no path": {"en": "no path was recorded", "ko": "기록된 경로가 없음"},
    "one parameter": {
        "en": "one parameter alone:\nthere is no map to draw",
        "ko": "매개변수가 하나뿐이라\n그릴 등고선이 없음",
    },
    "no data": {
        "en": "no map without the models,\nX and y, or fun",
        "ko": "모델과 X, y 또는 fun이\n없어 등고선을 그릴 수 없음",
    },
    "title paths": {"en": "Where they walk", "ko": "어디로 걷는가"},
    "title epochs": {"en": "Loss for each pass over the data", "ko": "에폭마다의 손실"},
    "title seconds": {"en": "Loss for the time it takes", "ko": "걸린 시간에 따른 손실"},
    "title work": {"en": "What an epoch takes", "ko": "에폭 하나에 드는 것"},
    "updates an epoch": {"en": "updates an epoch", "ko": "에폭당 갱신 횟수"},
    "rows in memory": {
        "en": "rows in memory for one update",
        "ko": "갱신 1회에 메모리에 두는 행 수",
    },
    "count (log)": {"en": "count (log scale)", "ko": "개수 (로그 눈금)"},
    # animate
    "moment in updates": {"en": "update {number}", "ko": "갱신 {number}회"},
    "moment in epochs": {"en": "epoch {number}", "ko": "에폭 {number}"},
    # What a model predicts: fit_evolution, decision_boundary
    "target": {"en": "target y", "ko": "타깃 y"},
    "score": {"en": "score z (labels as −1 and 1)", "ko": "점수 z (레이블은 −1과 1)"},
    "probability of class": {"en": "probability of class {label}", "ko": "클래스 {label}의 확률"},
    "output of the sigmoid": {"en": "output σ(z) and target y", "ko": "출력 σ(z)와 타깃 y"},
    "output of the exponential": {"en": "output e^z and target y", "ko": "출력 e^z와 타깃 y"},
    "output of the tanh": {"en": "output tanh(z) and target y", "ko": "출력 tanh(z)와 타깃 y"},
    "decision boundary": {"en": "decision boundary", "ko": "결정 경계"},
    "early borders": {
        "en": "earlier boundaries (number: update)",
        "ko": "이전의 결정 경계 (숫자: 갱신)",
    },
    "no border yet": {
        "en": "all scores are equal here: there is no boundary yet",
        "ko": "모든 점수가 같아 아직 결정 경계가 없음",
    },
    "threshold": {"en": "threshold x = {place}", "ko": "임곗값 x = {place}"},
    "margin": {"en": "margin z = ±1", "ko": "마진 z = ±1"},
    "probability": {"en": "probability", "ko": "확률"},
    "probability of the predicted class": {
        "en": "probability of the predicted class",
        "ko": "예측된 클래스의 확률",
    },
    "other classes": {"en": "other classes", "ko": "다른 클래스"},
    "others at means": {
        "en": "other features ({count}) held at their means",
        "ko": "나머지 특성 {count}개는 평균값에 고정",
    },
    "some of the rows": {
        "en": "{shown:,} of {rows:,} rows drawn",
        "ko": "전체 {rows:,}행 중 {shown:,}행 표시",
    },
    "first fits": {"en": "first {count} recorded fits", "ko": "기록된 처음 {count}개의 적합"},
    "last fit, update": {"en": "last: update {number:,}", "ko": "마지막: 갱신 {number:,}회"},
    "last fit, epoch": {"en": "last: epoch {number:,}", "ko": "마지막: {number:,} 에폭"},
    "last fit is far away": {
        "en": "diverged: the last fits are far away",
        "ko": "발산: 마지막 적합은 그림 밖 먼 곳에 있음",
    },
    "fits outside, update": {
        "en": "updates {first:,} to {last:,}: outside the picture",
        "ko": "갱신 {first:,}–{last:,}회: 그림 밖",
    },
    "fits outside, epoch": {
        "en": "epochs {first:,} to {last:,}: outside the picture",
        "ko": "에폭 {first:,}–{last:,}: 그림 밖",
    },
    # Curves, surfaces, plateaus: trace_1d, tangents, surface_path, gradient_field, plateau
    "slope": {"en": "slope {slope}", "ko": "기울기 {slope}"},
    "tangent is the slope": {
        "en": "tangent: its slope is the derivative f′",
        "ko": "접선: 기울기가 미분값 f′",
    },
    "downhill": {"en": "−∇f, the way downhill", "ko": "내려가는 방향 (음의 기울기)"},
    "gradient norm of batches": {
        "en": "norm of each batch's gradient",
        "ko": "배치별 기울기의 크기",
    },
    "gradient norm axis": {
        "en": "norm of the gradient (log scale)",
        "ko": "기울기의 크기 (로그 눈금)",
    },
    "plateau": {
        "en": "plateau: tiny gradient, high loss",
        "ko": "고원: 기울기는 거의 0, 손실은 큼",
    },
    # Which starts lead where: escape_map
    "share of walks": {"en": "walks, %", "ko": "경로, %"},
    "start of the walk": {"en": "start of the walk, {name}", "ko": "시작점 {name}"},
    "share at the global minimum": {
        "en": "{name}: {percent} % reach the global minimum",
        "ko": "{name}: {percent} %가 전역 최소점에 도달",
    },
    "another minimum": {"en": "another local minimum", "ko": "다른 지역 최소점"},
    "no minimum": {"en": "diverged, or left the picture", "ko": "발산했거나 범위를 벗어남"},
    # learning_rate_sweep, batch_size_sweep
    "rate and verdict": {"en": "η = {rate}: {verdict}", "ko": "η = {rate}: {verdict}"},
    "verdict diverged": {"en": "diverged", "ko": "발산"},
    "stability limit": {"en": "stability limit η = {rate}", "ko": "안정 한계 η = {rate}"},
    "value after the last epoch": {
        "en": "f(x) after the last epoch",
        "ko": "마지막 에폭 뒤의 f(x)",
    },
    "batch of": {"en": "batch size {rows:,}", "ko": "배치 크기 {rows:,}"},
    "updates, log": {"en": "updates (log scale)", "ko": "갱신 횟수 (로그 눈금)"},
    "loss after the last epoch": {
        "en": "loss{loss} after the last epoch",
        "ko": "마지막 에폭 뒤의 손실{loss}",
    },
    # gradient_noise
    "angle to the full gradient": {
        "en": "angle to the gradient of all rows",
        "ko": "전체 데이터 기울기와의 각도",
    },
    "relative error": {
        "en": "relative error of the gradient, ‖ĝ − g‖ / ‖g‖",
        "ko": "기울기의 상대 오차, ‖배치 − 전체‖ / ‖전체‖",
    },
    "uphill from here": {"en": "90°: uphill from here on", "ko": "90°: 이 위로는 오르막 방향"},
    "one batch": {"en": "one batch", "ko": "배치 하나"},
    "5 to 95 %": {"en": "5 to 95 %", "ko": "5–95 %"},
    "middle half": {"en": "middle half", "ko": "가운데 절반"},
    "median": {"en": "median", "ko": "중앙값"},
    "root mean square": {"en": "root mean square", "ko": "제곱평균제곱근"},
    "guide": {"en": "proportional to 1/√b", "ko": "1/√b에 비례"},
    "no error": {"en": "all rows: no error", "ko": "전체 데이터: 오차 없음"},
    "at theta": {"en": "at the given θ", "ko": "주어진 θ에서"},
    "at update": {"en": "after update {number:,}", "ko": "갱신 {number:,}회 뒤"},
    "draws": {
        "en": "{where}, {draws:,} batches of each size",
        "ko": "{where}, 크기마다 배치 {draws:,}개",
    },
    # Sweep.plot
    "lowest loss": {"en": "lowest loss", "ko": "가장 낮은 손실"},
}


def word(key: str, **values: object) -> str:
    """Text `key` in the language that can be shown now, its blanks filled from `values`."""
    return WORDS[key][shown_language()].format(**values)
