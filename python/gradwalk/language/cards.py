"""Each text of a card, in both languages."""

from __future__ import annotations

from .chosen import chosen_language

WORDS: dict[str, dict[str, str]] = {
    # Figures of a walk
    "not fitted": {"en": "not fitted yet", "ko": "아직 학습하지 않음"},
    "the walk": {"en": "the walk", "ko": "학습 과정"},
    "epochs": {"en": "epochs", "ko": "에폭"},
    "updates": {"en": "updates", "ko": "갱신 횟수"},
    "stopped": {"en": "stopped", "ko": "멈춘 까닭"},
    "loss": {"en": "loss, last epoch", "ko": "손실 (마지막 에폭)"},
    "first loss": {"en": "loss, first epoch", "ko": "손실 (첫 에폭)"},
    "lowest loss": {"en": "loss, lowest", "ko": "손실 (최저)"},
    "update loss": {"en": "loss, last update", "ko": "손실 (마지막 갱신)"},
    "full loss": {"en": "loss on all rows", "ko": "전체 데이터의 손실"},
    "validation loss": {"en": "validation loss", "ko": "검증 손실"},
    "gradient norm": {"en": "gradient norm", "ko": "기울기의 크기"},
    "best epoch": {"en": "went back to epoch", "ko": "되돌아간 에폭"},
    "learning rate": {"en": "learning rate η", "ko": "학습률 η"},
    "time": {"en": "time", "ko": "걸린 시간"},
    "seed": {"en": "seed", "ko": "시드"},
    "path": {"en": "points of the path", "ko": "기록된 경로의 점"},
    "memory": {"en": "memory of the record", "ko": "기록의 메모리"},
    "seconds": {"en": "{number} s", "ko": "{number}초"},
    "milliseconds": {"en": "{number} ms", "ko": "{number}밀리초"},
    "minutes": {"en": "{minutes} min {seconds} s", "ko": "{minutes}분 {seconds}초"},
    # Parameters and settings
    "parameters": {"en": "parameters θ", "ko": "매개변수 θ"},
    "parameter": {"en": "parameter", "ko": "매개변수"},
    "value": {"en": "value", "ko": "값"},
    "numbers": {"en": "{count} × {type}, shape {shape}", "ko": "{type} {count}개, 모양 {shape}"},
    "numbers left": {"en": "{count} more", "ko": "외 {count}개"},
    "intercept": {"en": "intercept", "ko": "절편"},
    "feature": {"en": "feature {number}", "ko": "특성 {number}"},
    "class": {"en": "class {label}", "ko": "클래스 {label}"},
    # A loop that was checked
    "both paths": {"en": "expected — and the loop's - -", "ko": "기대한 경로 —, 반복문의 경로 - -"},
    "both paths told": {
        "en": "{first} and {second} after {count} of the updates, expected and of the loop.",
        "ko": "갱신 {count}번에서 {first}, {second}의 기대한 값과 반복문의 값.",
    },
    "distance": {"en": "distance of the two θ", "ko": "두 θ의 거리"},
    "distance told": {
        "en": "The distance goes from {first} to {last}.",
        "ko": "거리가 {first}에서 {last}(으)로 변합니다.",
    },
    "update axis": {"en": "update", "ko": "갱신"},
    "settings": {"en": "settings", "ko": "설정"},
    "defaults": {"en": "bold: not the default", "ko": "굵은 글씨: 기본값이 아님"},
    "model": {"en": "model {name}", "ko": "모델 {name}"},
    "lost": {
        "en": "the walk cannot be shown: {reason}",
        "ko": "학습 과정을 보일 수 없음: {reason}",
    },
    # The curve
    "curve of epochs": {"en": "Loss of each epoch.", "ko": "에폭별 손실."},
    "curve of updates": {"en": "Loss of each update.", "ko": "갱신별 손실."},
    "curve of blocks": {
        "en": "Loss of each update, means of {size}.",
        "ko": "갱신별 손실, {size}회씩 평균.",
    },
    "curve": {
        "en": "From {first} at {start} to {last} at {end}",
        "ko": "{start}의 {first}에서 {end}의 {last}까지",
    },
    "log scale": {"en": "log scale", "ko": "로그 눈금"},
    "cut": {
        "en": "It goes on beyond the picture, to {value}.",
        "ko": "그림 밖으로 {value}까지 이어짐.",
    },
    "leaves": {"en": "up to {value}", "ko": "{value}까지"},
    "leaves below": {"en": "down to {value}", "ko": "{value}까지"},
    "epoch number": {"en": "epoch {number}", "ko": "에폭 {number}"},
    "update number": {"en": "update {number}", "ko": "갱신 {number}"},
    # Results of minimize
    "result": {"en": "result of minimize", "ko": "minimize의 결과"},
    "success": {"en": "success", "ko": "성공"},
    "no success": {"en": "no success", "ko": "성공하지 못함"},
    # Sweeps
    "run": {"en": "{method}, 1 run", "ko": "{method}, 1회"},
    "runs": {"en": "{method}, {count} runs", "ko": "{method}, {count}회"},
    "last loss": {"en": "loss", "ko": "손실"},
    "verdict": {"en": "verdict", "ko": "판정"},
    # The table of schedules
    "methods": {
        "en": "{samples} rows, mini-batches of {size}, {epochs} epochs",
        "ko": "데이터 {samples}행, 미니배치 {size}행, 에폭 {epochs}회",
    },
    "methods, one epoch": {
        "en": "{samples} rows, mini-batches of {size}, 1 epoch",
        "ko": "데이터 {samples}행, 미니배치 {size}행, 에폭 1회",
    },
    "method": {"en": "method", "ko": "방법"},
    "batch_size": {"en": "batch size", "ko": "배치 크기"},
    "updates_per_epoch": {"en": "updates per epoch", "ko": "에폭당 갱신"},
    "last_batch": {"en": "last batch", "ko": "마지막 배치"},
    "samples_seen": {"en": "samples seen", "ko": "본 샘플"},
    "rows_in_memory": {"en": "rows in memory", "ko": "메모리에 드는 행"},
}


def word(key: str, **values: object) -> str:
    """Text `key` in the chosen language, its blanks filled from `values`."""
    return WORDS[key][chosen_language()].format(**values)
