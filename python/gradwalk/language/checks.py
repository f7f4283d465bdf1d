"""What a check says: of each mistake what it is, where to look and why.

Blanks are the figures of a diagnosis. A message has at most three lines, and never the code of the
answer.
"""

from __future__ import annotations

from collections.abc import Mapping

from .chosen import LANGUAGES, chosen_language
from .loop_checks import LOOP_SENTENCES

SENTENCES: dict[str, dict[str, str]] = {
    # The gradient as a whole
    "gradient right": {
        "en": "The gradient is right in all {count} coordinates.",
        "ko": "기울기가 좌표 {count}개 모두에서 맞습니다.",
    },
    "gradient differs": {
        "en": "The gradient differs in {wrong} of {count} coordinates.",
        "ko": "기울기가 좌표 {count}개 중 {wrong}개에서 다릅니다.",
    },
    "gradient not told": {
        "en": "The gradient could not be compared.",
        "ko": "기울기를 비교할 수 없었습니다.",
    },
    "columns of a gradient": {
        "en": "coordinate|analytic|numeric|± error|analytic / numeric",
        "ko": "좌표|해석적|수치적|± 오차|해석적 / 수치적",
    },
    "cause not recognised": {
        "en": "No single mistake that is known explains it: look at the coordinates below.",
        "ko": "알려진 한 가지 실수로는 설명되지 않습니다. 아래 좌표를 살펴보세요.",
    },
    # One factor in all coordinates
    "factor −1": {
        "en": "analytic = −1 × numeric in all {count} coordinates that tell.\n"
        "The sign is turned: a step against it would go uphill. "
        "Of (z − y)² the slope is 2(z − y), not 2(y − z).",
        "ko": "판단할 수 있는 좌표 {count}개 모두에서 해석적 = −1 × 수치적.\n"
        "부호가 반대라서 내려가지 않고 올라갑니다. "
        "(z − y)²의 미분은 2(y − z)가 아니라 2(z − y)입니다.",
    },
    "factor ½": {
        "en": "analytic = ½ × numeric in all {count} coordinates that tell.\n"
        "Is the 2 of d/dz z² = 2z missing? A loss with ½ in front has none.",
        "ko": "판단할 수 있는 좌표 {count}개 모두에서 해석적 = ½ × 수치적.\n"
        "d/dz z² = 2z의 2가 빠졌나요? 앞에 ½이 붙은 손실에는 2가 없습니다.",
    },
    "factor 2": {
        "en": "analytic = 2 × numeric in all {count} coordinates that tell.\n"
        "Is there a ½ in the loss? Then it cancels the 2 of d/dz z² = 2z.",
        "ko": "판단할 수 있는 좌표 {count}개 모두에서 해석적 = 2 × 수치적.\n"
        "손실에 ½이 있나요? 그렇다면 d/dz z² = 2z의 2와 상쇄됩니다.",
    },
    "factor −½": {
        "en": "analytic = −½ × numeric in all {count} coordinates that tell.\n"
        "The sign is turned, and the 2 of d/dz z² = 2z is missing.",
        "ko": "판단할 수 있는 좌표 {count}개 모두에서 해석적 = −½ × 수치적.\n"
        "부호가 반대이고, d/dz z² = 2z의 2도 빠졌습니다.",
    },
    "factor −2": {
        "en": "analytic = −2 × numeric in all {count} coordinates that tell.\n"
        "The sign is turned, and there is a 2 that a ½ in the loss would cancel.",
        "ko": "판단할 수 있는 좌표 {count}개 모두에서 해석적 = −2 × 수치적.\n"
        "부호가 반대이고, 손실의 ½과 상쇄되어야 할 2가 남아 있습니다.",
    },
    "factor, sign": {
        "en": "analytic = {factor} × numeric in all {count} coordinates that tell.\n"
        "The sign is turned, and a factor is not right either.",
        "ko": "판단할 수 있는 좌표 {count}개 모두에서 해석적 = {factor} × 수치적.\n"
        "부호가 반대이고, 배율도 맞지 않습니다.",
    },
    "sum": {
        "en": "analytic = {factor} × numeric in all {count} coordinates that tell.\n"
        "Are there {factor} rows? Then the gradient is a sum over them where the loss is a mean: "
        "1/m Σ belongs before both.",
        "ko": "판단할 수 있는 좌표 {count}개 모두에서 해석적 = {factor} × 수치적.\n"
        "데이터가 {factor}행인가요? 그렇다면 손실은 평균인데 기울기는 합입니다. "
        "둘 다 앞에 1/m Σ이 있어야 합니다.",
    },
    "divided": {
        "en": "analytic = numeric / {factor} in all {count} coordinates that tell.\n"
        "Are there {factor} rows? Then the gradient is divided by them once too often, "
        "or the loss is a sum. {factor} features or classes are no divisor.",
        "ko": "판단할 수 있는 좌표 {count}개 모두에서 해석적 = 수치적 / {factor}.\n"
        "데이터가 {factor}행인가요? 그렇다면 기울기를 한 번 더 나누었거나 손실이 합입니다. "
        "특성이나 클래스의 수 {factor} 때문이라면, 그 수로는 나누지 않습니다.",
    },
    "one factor": {
        "en": "analytic = {factor} × numeric in all {count} coordinates that tell.\n"
        "One factor explains all: look at what stands before the sum, in the loss and in its "
        "slope.",
        "ko": "판단할 수 있는 좌표 {count}개 모두에서 해석적 = {factor} × 수치적.\n"
        "배율 하나로 모두 설명됩니다. 손실과 기울기에서 합 앞에 있는 것을 살펴보세요.",
    },
    "all zero": {
        "en": "analytic = 0 in all {count} coordinates where the function has a slope.\n"
        "Is what was computed returned? An array that was made with zeros may never be filled.",
        "ko": "함수가 기울어진 좌표 {count}개 모두에서 해석적 = 0.\n"
        "계산한 값을 돌려주고 있나요? 0으로 만든 배열이 채워지지 않았을 수 있습니다.",
    },
    # Right numbers in wrong places
    "transposed": {
        "en": "The numbers are right, and transposed: {turned} where x is {shape}.\n"
        "Of z = X·W the slope is Xᵀ·∂f/∂z, not (∂f/∂z)ᵀ·X.",
        "ko": "숫자는 맞지만 전치되어 있습니다. x의 모양은 {shape}인데 {turned} 순서입니다.\n"
        "z = X·W의 기울기는 (∂f/∂z)ᵀ·X가 아니라 Xᵀ·∂f/∂z입니다.",
    },
    "intercept first": {
        "en": "The numbers are right, one place off: the first slope stands last.\n"
        "If θ begins with the intercept, its slope comes first, too.",
        "ko": "숫자는 맞지만 한 자리씩 밀려 있습니다. 첫 번째 기울기가 맨 뒤에 있습니다.\n"
        "θ가 절편으로 시작하면 절편의 기울기도 맨 앞에 와야 합니다.",
    },
    "intercept last": {
        "en": "The numbers are right, one place off: the last slope stands first.\n"
        "If θ ends with the intercept, its slope comes last, too.",
        "ko": "숫자는 맞지만 한 자리씩 밀려 있습니다. 마지막 기울기가 맨 앞에 있습니다.\n"
        "θ가 절편으로 끝나면 절편의 기울기도 맨 뒤에 와야 합니다.",
    },
    "reversed": {
        "en": "The numbers are right, in reverse order.\n"
        "The slope of a coordinate stands where the coordinate stands in θ.",
        "ko": "숫자는 맞지만 순서가 거꾸로입니다.\n"
        "각 좌표의 기울기는 θ에서 그 좌표가 있는 자리에 와야 합니다.",
    },
    "averaged": {
        "en": "Every coordinate has the mean of all slopes.\n"
        "A mean over the rows keeps one number for each coordinate: over which axis is it taken?",
        "ko": "모든 좌표가 전체 기울기의 평균을 갖고 있습니다.\n"
        "행에 대한 평균은 좌표마다 수 하나를 남깁니다. 어느 축으로 평균을 냈나요?",
    },
    "summed": {
        "en": "Every coordinate has the sum of all slopes.\n"
        "A sum over the rows keeps one number for each coordinate: over which axis is it taken?",
        "ko": "모든 좌표가 전체 기울기의 합을 갖고 있습니다.\n"
        "행에 대한 합은 좌표마다 수 하나를 남깁니다. 어느 축으로 더했나요?",
    },
    "no sign": {
        "en": "The sizes are right, the signs are lost: no coordinate is negative.\n"
        "Look for an absolute value, or a square and its root.",
        "ko": "크기는 맞지만 부호가 사라졌습니다. 음수인 좌표가 없습니다.\n"
        "절댓값이나, 제곱한 뒤의 제곱근을 찾아보세요.",
    },
    # Terms
    "l2 missing": {
        "en": "numeric − analytic = {size}·θ: a term is missing.\n"
        "Of a penalty (λ/2)‖θ‖² the slope is λθ, of λ‖θ‖² it is 2λθ.",
        "ko": "수치적 − 해석적 = {size}·θ: 항이 하나 빠졌습니다.\n"
        "벌점 (λ/2)‖θ‖²의 기울기는 λθ, λ‖θ‖²의 기울기는 2λθ입니다.",
    },
    "l2 too much": {
        "en": "analytic − numeric = {size}·θ: a term is too much.\n"
        "It is the slope of a penalty ({size}/2)‖θ‖² that the function does not have.",
        "ko": "해석적 − 수치적 = {size}·θ: 항이 하나 더 있습니다.\n"
        "함수에는 없는 벌점 ({size}/2)‖θ‖²의 기울기입니다.",
    },
    "l1 missing": {
        "en": "numeric − analytic = {size}·sign(θ): a term is missing.\n"
        "Of a penalty λ‖θ‖₁ the slope is λ·sign(θ).",
        "ko": "수치적 − 해석적 = {size}·sign(θ): 항이 하나 빠졌습니다.\n"
        "벌점 λ‖θ‖₁의 기울기는 λ·sign(θ)입니다.",
    },
    "l1 too much": {
        "en": "analytic − numeric = {size}·sign(θ): a term is too much.\n"
        "It is the slope of a penalty {size}·‖θ‖₁ that the function does not have.",
        "ko": "해석적 − 수치적 = {size}·sign(θ): 항이 하나 더 있습니다.\n"
        "함수에는 없는 벌점 {size}·‖θ‖₁의 기울기입니다.",
    },
    "constant": {
        "en": "analytic − numeric = {size}, the same in every coordinate.\n"
        "A number is added to the whole gradient; a constant in the loss has the slope 0.",
        "ko": "해석적 − 수치적 = {size}, 모든 좌표에서 같습니다.\n"
        "기울기 전체에 수가 하나 더해졌습니다. 손실의 상수항은 기울기가 0입니다.",
    },
    "intercept penalised": {
        "en": "Coordinate 0 alone differs, by {size}·θ₀.\n"
        "If it is the intercept: the penalty takes in the weights w, not b.",
        "ko": "좌표 0만 {size}·θ₀만큼 다릅니다.\n"
        "절편이라면, 벌점에는 가중치 w만 들어가고 b는 들어가지 않습니다.",
    },
    # Some coordinates
    "intercept left out": {
        "en": "analytic = 0 in coordinate 0 alone.\n"
        "If it is the intercept: ∂f/∂b is the mean of ∂ℓ/∂z, as if its feature were 1.",
        "ko": "좌표 0에서만 해석적 = 0.\n절편이라면, ∂f/∂b는 특성이 1일 때처럼 ∂ℓ/∂z의 평균입니다.",
    },
    "zero in some": {
        "en": "analytic = 0 in {wrong} of {count} coordinates ({where}), the others are right.\n"
        "Does the loop reach every coordinate, the first and the last?",
        "ko": "좌표 {count}개 중 {wrong}개({where})에서 해석적 = 0이고 나머지는 맞습니다.\n"
        "반복문이 첫 좌표와 마지막 좌표까지 모두 거치나요?",
    },
    "sign in some": {
        "en": "analytic = −1 × numeric in {wrong} of {count} coordinates ({where}), the others are "
        "right.\nLook at the sign of what these have to themselves.",
        "ko": "좌표 {count}개 중 {wrong}개({where})에서 해석적 = −1 × 수치적이고 나머지는 "
        "맞습니다.\n"
        "이 좌표들에만 있는 항의 부호를 살펴보세요.",
    },
    "factor in some": {
        "en": "analytic = {factor} × numeric in {wrong} of {count} coordinates ({where}), the "
        "others "
        "are right.\nLook at the factor of what these have to themselves.",
        "ko": "좌표 {count}개 중 {wrong}개({where})에서 해석적 = {factor} × 수치적이고 나머지는 "
        "맞습니다.\n"
        "이 좌표들에만 있는 항의 배율을 살펴보세요.",
    },
    "not finite": {
        "en": "The gradient is {value} in coordinate {place}, where the function has a slope.\n"
        "Look for a division by 0, the logarithm of 0, or an exponential that overflows.",
        "ko": "좌표 {place}의 기울기가 {value}입니다. 함수는 그곳에서 기울기를 가집니다.\n"
        "0으로 나누기, 0의 로그, 넘치는 지수함수를 찾아보세요.",
    },
    # Nothing to compare
    "raises": {
        "en": "{function} raised {error}\nIt is called with a copy of x0, and with points near it.",
        "ko": "{function}에서 오류가 났습니다: {error}\nx0의 복사본과 그 근처의 점으로 호출됩니다.",
    },
    "no number": {
        "en": "fun must return one number, the loss; it returned {got}.",
        "ko": "fun은 손실, 즉 수 하나를 돌려줘야 하는데 {got}을(를) 돌려주었습니다.",
    },
    "no pair": {
        "en": "grad is None, so fun must return (loss, gradient); it returned {got}.",
        "ko": "grad가 None이면 fun은 (손실, 기울기)를 돌려줘야 하는데 {got}을(를) 돌려주었습니다.",
    },
    "no gradient": {
        "en": "grad must return an array of numbers; it returned {got}.",
        "ko": "grad는 수의 배열을 돌려줘야 하는데 {got}을(를) 돌려주었습니다.",
    },
    "one number": {
        "en": "The gradient is one number where x0 has the shape {expected}.\n"
        "It has a slope for each coordinate: a sum or mean over the rows alone keeps them apart.",
        "ko": "x0의 모양은 {expected}인데 기울기가 수 하나입니다.\n"
        "기울기는 좌표마다 하나씩 있습니다. 행에 대해서만 더하거나 평균을 내야 합니다.",
    },
    "another shape": {
        "en": "The gradient has the shape {got} where x0 has {expected}.\n"
        "A column beside a row, (n, 1) − (n,), becomes a whole matrix.",
        "ko": "x0의 모양은 {expected}인데 기울기의 모양은 {got}입니다.\n"
        "열과 행을 빼면, (n, 1) − (n,), 행렬이 됩니다.",
    },
    "loss not finite": {
        "en": "The loss at x0 is {got}, and has no slope to compare with.\nTake an x0 nearer to 0.",
        "ko": "x0에서 손실이 {got}이라 비교할 기울기가 없습니다.\n0에 더 가까운 x0을 고르세요.",
    },
    "no slope": {
        "en": "The function has no finite values on both sides of x0 in coordinate {place}.\n"
        "Take an x0 inside of where it is defined.",
        "ko": "좌표 {place}에서 x0의 양쪽 함수값이 유한하지 않습니다.\n"
        "함수가 정의된 범위 안의 x0을 고르세요.",
    },
    "not repeatable": {
        "en": "The same x gives other numbers from one call to the next.\n"
        "Draw rows and noise before the check, or seed the generator in the function.",
        "ko": "같은 x인데 호출할 때마다 값이 다릅니다.\n"
        "행이나 잡음은 검사하기 전에 뽑거나, 함수 안에서 난수 생성기의 시드를 정하세요.",
    },
    # Notes
    "a column": {
        "en": "Note: the gradient has the shape {got} where x0 has {expected}; θ − η·grad would "
        "become a matrix.",
        "ko": "참고: x0의 모양은 {expected}인데 기울기의 모양은 {got}이라, θ − η·grad가 행렬이 "
        "됩니다.",
    },
    "at a kink": {
        "en": "Note: the function has a kink at x0 (coordinate {place}), where every slope between "
        "those of its two sides counts as right.",
        "ko": "참고: 함수가 x0에서 꺾입니다(좌표 {place}). 양쪽 기울기 사이의 값은 모두 맞다고 "
        "봅니다.",
    },
    "coarse": {
        "en": "Note: in {count} coordinates the slopes of the function are known to ±{error} only; "
        "a smaller mistake there is not seen.",
        "ko": "참고: 좌표 {count}개에서는 함수의 기울기를 ±{error}까지만 알 수 있어, "
        "그보다 작은 실수는 보이지 않습니다.",
    },
    "x was changed": {
        "en": "Note: {function} writes into the x that it is given; it should leave it as it is.",
        "ko": "참고: {function} 함수가 받은 x를 바꿉니다. x는 그대로 두어야 합니다.",
    },
}


def sentence(name: str, figures: Mapping[str, object], language: str | None = None) -> str:
    """Say `name` in `language`, or in the one that is set, its blanks filled from `figures`."""
    language = language or chosen_language()
    if language not in LANGUAGES:
        raise ValueError(f'language must be "en" or "ko", got {language!r}')
    told = SENTENCES.get(name) or LOOP_SENTENCES[name]
    return told[language].format(**figures)
