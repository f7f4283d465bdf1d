"""What the check of a loop says: of each mistake what it is, where to look and why.

A message has at most three lines, one of them of mathematics, and never the code of the answer.
"""

from __future__ import annotations


def _both(en: str, ko: str) -> dict[str, str]:
    return {"en": en, "ko": ko}


LOOP_SENTENCES: dict[str, dict[str, str]] = {
    # The loop as a whole
    "loop right": _both(
        "The loop is right: all {count} θ that were compared agree.",
        "반복문이 맞습니다. 비교한 θ {count}개가 모두 일치합니다.",
    ),
    "loop differs": _both(
        "θ differs first at update {update} (epoch {epoch}), by {gap}.",
        "θ가 {update}번째 갱신(에폭 {epoch})에서 처음으로 {gap}만큼 달라집니다.",
    ),
    "losses differ": _both(
        "All {count} θ that were compared agree; what else is asked of the loop does not.",
        "비교한 θ {count}개는 모두 일치하지만, 반복문의 다른 부분이 맞지 않습니다.",
    ),
    "loop not told": _both("The loop could not be compared.", "반복문을 비교할 수 없었습니다."),
    "loop not recognised": _both(
        "Unequal, cause not recognised: no single mistake that is known explains all of it.",
        "다르지만 원인을 알 수 없습니다. 알려진 한 가지 실수로는 모두 설명되지 않습니다.",
    ),
    "columns of a loop": _both("coordinate|expected|the loop's", "좌표|기대한 값|반복문의 값"),
    "loop: in a part": _both("In ∂f/∂{where} alone: ", "∂f/∂{where}에서만: "),
    # Scale
    "loop: not divided": _both(
        "The gradient of a batch is a sum: the 1/m before Σ is missing, m the rows of the batch.\n"
        "f = 1/m Σ ℓᵢ, so ∇f = 1/m Σ ∇ℓᵢ; without it the step grows with the batch.",
        "배치의 기울기가 평균이 아니라 합입니다. 앞의 1/m이 빠졌습니다(m은 배치의 행 수).\n"
        "f = 1/m Σ ℓᵢ이므로 ∇f = 1/m Σ ∇ℓᵢ입니다. 나누지 않으면 배치가 클수록 보폭도 커집니다.",
    ),
    "loop: divided twice": _both(
        "The gradient is divided by the rows of the batch twice.\n"
        "∇f = 1/m Σ ∇ℓᵢ: a mean over the rows has its 1/m already.",
        "기울기를 배치의 행 수로 두 번 나누었습니다.\n"
        "∇f = 1/m Σ ∇ℓᵢ: 행에 대한 평균에는 1/m이 이미 들어 있습니다.",
    ),
    "loop: divided by n": _both(
        "The gradient of a batch is divided by all {n} rows, not by those of the batch.\n"
        "∇f_B = 1/m Σ_B ∇ℓᵢ: m counts the rows that were added up.",
        "배치의 기울기를 배치의 행 수가 아니라 전체 {n}행으로 나누었습니다.\n"
        "∇f_B = 1/m Σ_B ∇ℓᵢ: m은 더한 행의 수입니다.",
    ),
    "loop: short batch divided by batch_size": _both(
        "The last batch of an epoch has {rest} rows, and is divided by {m}.\n"
        "∇f_B = 1/m Σ_B ∇ℓᵢ: m is the batch's own number of rows.",
        "에폭의 마지막 배치는 {rest}행인데 {m}(으)로 나누었습니다.\n"
        "∇f_B = 1/m Σ_B ∇ℓᵢ: m은 그 배치 자신의 행 수입니다.",
    ),
    "loop: divided by features": _both(
        "The gradient is divided by the number of features, {features}, not of rows.\n"
        "∇f = 1/m Σᵢ ∇ℓᵢ runs over the rows: which of X's two lengths is m?",
        "기울기를 행의 수가 아니라 특성의 수 {features}(으)로 나누었습니다.\n"
        "∇f = 1/m Σᵢ ∇ℓᵢ는 행에 대한 합입니다. X의 두 길이 중 어느 것이 m인가요?",
    ),
    "loop: divided by classes": _both(
        "The gradient is divided by the number of classes, {classes}.\n"
        "∇f = 1/m Σᵢ xᵢ (pᵢ − yᵢ)ᵀ: a mean over the rows, none over the classes.",
        "기울기를 클래스의 수 {classes}(으)로 나누었습니다.\n"
        "∇f = 1/m Σᵢ xᵢ (pᵢ − yᵢ)ᵀ: 행에 대한 평균이고, 클래스에 대한 평균은 없습니다.",
    ),
    "loop: factor 2": _both(
        "The step is twice as long as it should be.\n"
        "d/dz ½z² = z, and d/dz z² = 2z: is there a 2 that the ½ of the loss cancels?",
        "보폭이 두 배입니다.\n"
        "d/dz ½z² = z이고 d/dz z² = 2z입니다. 손실의 ½과 상쇄되어야 할 2가 남아 있나요?",
    ),
    "loop: factor ½": _both(
        "The step is half as long as it should be.\n"
        "d/dz z² = 2z: is the 2 missing? A loss with ½ in front has none.",
        "보폭이 절반입니다.\nd/dz z² = 2z: 2가 빠졌나요? 앞에 ½이 붙은 손실에는 2가 없습니다.",
    ),
    "loop: another factor": _both(
        "Each step is {factor} times as long as it should be.\n"
        "θ ← θ − η ∇f, ∇f = 1/m Σ ∇ℓᵢ: is η the one that was asked for, and what else is there "
        "before Σ?",
        "모든 걸음의 보폭이 {factor}배입니다.\n"
        "θ ← θ − η ∇f, ∇f = 1/m Σ ∇ℓᵢ: η는 주어진 값 그대로인가요? Σ 앞에 다른 수가 더 있나요?",
    ),
    "loop: summed over batches": _both(
        "The gradients of all batches are added up, and θ moves once an epoch.\n"
        "θ ← θ − η ∇f_B(θ) belongs to each batch, not to the epoch.",
        "모든 배치의 기울기를 더한 뒤 에폭마다 θ를 한 번만 옮깁니다.\n"
        "θ ← θ − η ∇f_B(θ)는 에폭이 아니라 배치마다 해야 합니다.",
    ),
    "loop: averaged over coordinates": _both(
        "Every coordinate moves by the same number, a mean over all slopes.\n"
        "∂f/∂θⱼ = 1/m Σᵢ ∂ℓᵢ/∂θⱼ: the mean is over rows i. Over which axis is it taken?",
        "모든 좌표가 전체 기울기의 평균만큼 똑같이 움직입니다.\n"
        "∂f/∂θⱼ = 1/m Σᵢ ∂ℓᵢ/∂θⱼ: 행 i에 대한 평균입니다. 어느 축으로 평균을 냈나요?",
    ),
    # Sign and place
    "loop: wrong sign": _both(
        "The step goes uphill: its sign is turned.\n"
        "θ ← θ − η ∇f, and of (z − y)² the slope is 2(z − y): one minus, not two.",
        "부호가 반대라서 내려가지 않고 올라갑니다.\n"
        "θ ← θ − η ∇f이고 (z − y)²의 미분은 2(z − y)입니다. 빼기는 한 번만 합니다.",
    ),
    "loop: stale gradient": _both(
        "The gradient is that of an earlier θ, one update ago.\n"
        "θ_t+1 = θ_t − η ∇f(θ_t): predictions are made anew with each θ.",
        "기울기를 바로 전 갱신의 θ에서 계산했습니다.\n"
        "θ_t+1 = θ_t − η ∇f(θ_t): θ가 바뀔 때마다 예측도 새로 해야 합니다.",
    ),
    "loop: updated within the gradient": _both(
        "θ is changed before its gradient is complete: the later parts see the new values.\n"
        "θ_t+1 = θ_t − η ∇f(θ_t): all of ∇f is taken at the same θ_t, then θ moves.",
        "기울기를 다 구하기 전에 θ를 바꾸어, 뒤의 계산에 새 값이 섞입니다.\n"
        "θ_t+1 = θ_t − η ∇f(θ_t): ∇f 전체를 같은 θ_t에서 구한 다음 θ를 옮깁니다.",
    ),
    "loop: bias after weights": _both(
        "The bias is moved with predictions of the new weights.\n"
        "∂f/∂w and ∂f/∂b are both taken at (w_t, b_t), before either moves.",
        "편향을 옮길 때 새 가중치의 예측을 썼습니다.\n"
        "∂f/∂w와 ∂f/∂b는 둘 다 옮기기 전의 (w_t, b_t)에서 구합니다.",
    ),
    "loop: squared error as slope": _both(
        "The squared error stands where its slope belongs.\n"
        "The gradient has ∂ℓ/∂z, which for (z − y)² is 2(z − y), and for log loss σ(z) − y.",
        "미분이 있어야 할 자리에 제곱 오차가 있습니다.\n"
        "기울기에는 ∂ℓ/∂z가 들어갑니다. (z − y)²이면 2(z − y), 로그 손실이면 σ(z) − y입니다.",
    ),
    "loop: loss as slope": _both(
        "The loss stands where its slope belongs.\n"
        "∇f = 1/m Σ ∂ℓᵢ/∂z · xᵢ: it needs how the loss changes with z, not how large it is.",
        "미분이 있어야 할 자리에 손실이 있습니다.\n"
        "∇f = 1/m Σ ∂ℓᵢ/∂z · xᵢ: 손실의 크기가 아니라 z에 따른 변화가 필요합니다.",
    ),
    "loop: no sigmoid": _both(
        "The score is compared with the label without σ.\n"
        "Of log loss ∂ℓ/∂z = σ(z) − y, σ(z) = 1/(1 + e⁻ᶻ).",
        "σ 없이 점수를 그대로 레이블과 비교했습니다.\n"
        "로그 손실에서 ∂ℓ/∂z = σ(z) − y, σ(z) = 1/(1 + e⁻ᶻ)입니다.",
    ),
    "loop: no softmax": _both(
        "The scores are compared with the one-hot labels without softmax.\n"
        "∂ℓ/∂z = p − y, with p_k = e^z_k / Σ_j e^z_j.",
        "softmax 없이 점수를 그대로 원-핫 레이블과 비교했습니다.\n"
        "∂ℓ/∂z = p − y, p_k = e^z_k / Σ_j e^z_j입니다.",
    ),
    "loop: probabilities as scores": _both(
        "Probabilities are made of probabilities: σ, or softmax, is applied twice.\n"
        "∂ℓ/∂z = σ(z) − y with z = x·w + b itself.",
        "확률에서 다시 확률을 만들었습니다. σ나 softmax를 두 번 적용했습니다.\n"
        "∂ℓ/∂z = σ(z) − y에서 z는 x·w + b 그 자체입니다.",
    ),
    "loop: softmax over rows": _both(
        "softmax is normalised over the rows, not over the classes.\n"
        "p_ik = e^z_ik / Σ_j e^z_ij: the probabilities of one row add up to 1.",
        "softmax를 클래스가 아니라 행에 대해 정규화했습니다.\n"
        "p_ik = e^z_ik / Σ_j e^z_ij: 한 행의 확률을 더하면 1입니다.",
    ),
    "loop: log of another base": _both(
        "The logarithm has another base: 2 or 10.\n"
        "ℓ = −ln p is the natural logarithm, whose slope is −1/p; log₂ p = ln p / ln 2.",
        "로그의 밑이 2나 10입니다.\n"
        "ℓ = −ln p는 미분이 −1/p인 자연로그입니다. log₂ p = ln p / ln 2.",
    ),
    "loop: labels −1 and 1": _both(
        "Labels of one kind are used with the formula of the other.\n"
        "σ(z) − y is for y ∈ {{0, 1}}; with s ∈ {{−1, 1}} it is −s·σ(−s·z).",
        "레이블의 종류와 공식이 서로 맞지 않습니다.\n"
        "σ(z) − y는 y ∈ {{0, 1}}일 때의 식이고, s ∈ {{−1, 1}}이면 −s·σ(−s·z)입니다.",
    ),
    # Bias
    "loop: bias not updated": _both(
        "The bias never moves.\nb ← b − η ∂f/∂b, with ∂f/∂b = 1/m Σ ∂ℓᵢ/∂z.",
        "편향이 갱신되지 않습니다.\nb ← b − η ∂f/∂b, ∂f/∂b = 1/m Σ ∂ℓᵢ/∂z.",
    ),
    "loop: bias stepped twice": _both(
        "The bias is moved twice in an update.\n"
        "θ ← θ − η ∇f moves each coordinate once; is θ₀ in it, and moved by itself, too?",
        "한 번의 갱신에서 편향을 두 번 옮깁니다.\n"
        "θ ← θ − η ∇f는 좌표마다 한 번입니다. θ₀가 여기 들어 있는데 따로 또 옮기나요?",
    ),
    "loop: bias penalised": _both(
        "The penalty takes in the bias.\n(λ/2) Σⱼ wⱼ² runs over the weights alone: ∂f/∂b has no λ.",
        "벌점에 편향이 들어 있습니다.\n(λ/2) Σⱼ wⱼ²는 가중치만의 합입니다. ∂f/∂b에는 λ가 없습니다.",
    ),
    # Draws
    "loop: not shuffled": _both(
        "The rows are taken as they lie, epoch after epoch.\n"
        "Each epoch draws a permutation π of the rows, and batches are cut from π.",
        "에폭마다 행을 놓인 순서 그대로 씁니다.\n"
        "에폭마다 행의 순열 π를 새로 뽑고, 배치는 π에서 잘라야 합니다.",
    ),
    "loop: shuffled once": _both(
        "The rows are shuffled once, and come in the same order in each of {epochs} epochs.\n"
        "π is drawn anew for each epoch: inside of the loop over epochs, not before it.",
        "행을 한 번만 섞어서 {epochs}번의 에폭이 모두 같은 순서입니다.\n"
        "π는 에폭마다 새로 뽑습니다. 에폭 반복문의 앞이 아니라 안에서 뽑아야 합니다.",
    ),
    "loop: X and y shuffled apart": _both(
        "Rows of X meet targets of other rows.\n"
        "The residual of row i is zᵢ − yᵢ: one permutation for both.",
        "X의 행이 다른 행의 y와 짝지어집니다.\n"
        "i행의 잔차는 zᵢ − yᵢ입니다. 둘에 같은 순열을 써야 합니다.",
    ),
    "loop: with replacement": _both(
        "Rows are drawn with replacement: within an epoch some come twice, others never.\n"
        "An epoch is a permutation π of all {n} rows, each once.",
        "행을 복원 추출합니다. 한 에폭 안에서 어떤 행은 두 번, 어떤 행은 한 번도 나오지 않습니다.\n"
        "한 에폭은 {n}행 전체의 순열 π이고, 각 행이 한 번씩만 나옵니다.",
    ),
    "loop: last batch dropped": _both(
        "The last batch of each epoch is left out.\n"
        "{n} rows make ⌈{n}/{m}⌉ batches: the last has {rest} rows.",
        "에폭마다 마지막 배치가 빠집니다.\n"
        "{n}행이면 배치는 ⌈{n}/{m}⌉개이고, 마지막 배치는 {rest}행입니다.",
    ),
    "loop: rows carried over": _both(
        "Rows that are left over at the end of an epoch go into the next epoch's first batch.\n"
        "Batches are cut from each epoch by itself; its last has {rest} rows.",
        "에폭 끝에 남은 행이 다음 에폭의 첫 배치로 넘어갑니다.\n"
        "배치는 에폭마다 따로 자릅니다. 마지막 배치는 {rest}행입니다.",
    ),
    "loop: first row skipped": _both(
        "One row, the first, is never used.\nΣ runs over i = 0, …, {n} − 1.",
        "첫 번째 행을 쓰지 않습니다.\nΣ는 i = 0, …, {n} − 1에 대한 합입니다.",
    ),
    "loop: one epoch too few": _both(
        "The loop makes one epoch less than {epochs}.\n"
        "Epochs 0, …, {epochs} − 1 are {epochs}: where does the counting begin and end?",
        "에폭이 {epochs}번보다 한 번 적습니다.\n"
        "0, …, {epochs} − 1이 {epochs}번입니다. 어디서 세기 시작해 어디서 끝나나요?",
    ),
    "loop: one epoch too many": _both(
        "The loop makes one epoch more than {epochs}.\n"
        "Epochs 0, …, {epochs} − 1 are {epochs}: where does the counting begin and end?",
        "에폭이 {epochs}번보다 한 번 많습니다.\n"
        "0, …, {epochs} − 1이 {epochs}번입니다. 어디서 세기 시작해 어디서 끝나나요?",
    ),
    # State
    "loop: gradient not reset": _both(
        "Each update still has the gradients of all updates before it.\n"
        "θ_t+1 = θ_t − η ∇f(θ_t): what is summed up must begin at 0 for every update.",
        "갱신할 때마다 이전 갱신들의 기울기가 남아 있습니다.\n"
        "θ_t+1 = θ_t − η ∇f(θ_t): 더해 가는 값은 갱신마다 0에서 시작해야 합니다.",
    ),
    "loop: gradient not reset in an epoch": _both(
        "Within an epoch each batch still has the gradients of the batches before it.\n"
        "θ_t+1 = θ_t − η ∇f_B(θ_t): the sum begins at 0 for every batch, not for every epoch.",
        "한 에폭 안에서 배치마다 이전 배치들의 기울기가 남아 있습니다.\n"
        "θ_t+1 = θ_t − η ∇f_B(θ_t): 합은 에폭이 아니라 배치마다 0에서 시작합니다.",
    ),
    "loop: schedule restarted": _both(
        "The rate begins anew in each epoch.\n"
        "η_t: t counts all updates since the start, and is not set back.",
        "학습률이 에폭마다 처음부터 다시 시작합니다.\n"
        "η_t: t는 처음부터의 모든 갱신을 세며 되돌아가지 않습니다.",
    ),
    "loop: schedule off by one": _both(
        "The rate is that of the update before or after.\n"
        "The first update has η₀ = η(0), the next η(1).",
        "바로 앞이나 뒤 갱신의 학습률을 썼습니다.\n첫 갱신은 η₀ = η(0), 그다음은 η(1)입니다.",
    ),
    "loop: another convention": _both(
        "Another convention, and no mistake: books write this in more than one way.\n"
        "Here the optimizer decides; in its terms: {what}.",
        "실수가 아니라 다른 규약입니다. 책마다 쓰는 방식이 다릅니다.\n"
        "여기서는 optimizer의 규약을 따릅니다: {what}.",
    ),
    "loop: epoch never fires": _both(
        "What should happen after each epoch does not.\n"
        "{n} rows in batches of {m} are {n}/{m} updates an epoch, which is no whole number: "
        "t mod {n}/{m} = 0 does not come.",
        "에폭마다 일어나야 할 일이 일어나지 않습니다.\n"
        "{n}행을 {m}행씩 나누면 에폭당 갱신은 {n}/{m}번으로 정수가 아니므로, "
        "t mod {n}/{m} = 0이 되지 않습니다.",
    ),
    # Numbers
    "loop: truncated to integers": _both(
        "Numbers are cut to whole ones on the way.\n"
        "θ − η ∇f is a fraction: an array that was made of whole numbers keeps no fractions.",
        "도중에 수가 정수로 잘립니다.\n"
        "θ − η ∇f는 정수가 아닙니다. 정수형으로 만든 배열은 소수점 아래를 버립니다.",
    ),
    "loop: column against row": _both(
        "A column is taken against a row: (m, 1) − (m,) is (m, m), each row against all targets.\n"
        "zᵢ − yᵢ has m numbers, with m = {m}: look at the shapes of both sides.",
        "열벡터에서 행벡터를 뺐습니다. (m, 1) − (m,)은 (m, m)이 되어 각 행이 모든 y와 비교됩니다.\n"
        "잔차 zᵢ − yᵢ는 m = {m}개뿐입니다. 양쪽의 모양(shape)을 살펴보세요.",
    ),
    "loop: l2 on another scale": _both(
        "The penalty has another strength: its slope is {factor} times λw.\n"
        "Of (λ/2)‖w‖² the slope is λw, beside the mean over the rows, not in it.",
        "벌점의 세기가 다릅니다. 미분이 λw의 {factor}배입니다.\n"
        "(λ/2)‖w‖²의 미분은 λw이고, 행에 대한 평균의 밖에 있습니다.",
    ),
    "loop: loss on another scale": _both(
        "θ is right, and the losses are {factor} times those that are minimised.\n"
        "f = 1/m Σ ℓᵢ: the loss that is reported and the one whose slope is taken are one.",
        "θ는 맞지만, 보고한 손실이 최소화하는 손실의 {factor}배입니다.\n"
        "f = 1/m Σ ℓᵢ: 보고하는 손실과 미분하는 손실은 같아야 합니다.",
    ),
    "loop: rate above the limit": _both(
        "The loop is right; its rate is {times} times the limit 2/L of these data.\n"
        "Above 2/L each step leads farther away: take a smaller η, or scale X.",
        "반복문은 맞습니다. 학습률이 이 데이터의 한계 2/L의 {times}배입니다.\n"
        "2/L보다 크면 걸음마다 더 멀어집니다. η를 줄이거나 X를 표준화하세요.",
    ),
    # Nothing to compare
    "loop: raises": _both("The loop raised {error}", "반복문에서 오류가 났습니다: {error}"),
    "loop: timed out": _both(
        "The loop was still running after {seconds} s, and was stopped.\n"
        "What ends it, and does that come nearer with each update?",
        "반복문이 {seconds}초가 지나도 끝나지 않아 멈췄습니다.\n"
        "무엇이 반복을 끝내며, 갱신할 때마다 거기에 가까워지나요?",
    ),
    "loop: out of memory": _both(
        "The loop asked for more than 2 GiB of memory.\n"
        "A residual is (m,); a column against a row, (m, 1) − (m,), is (m, m).",
        "반복문이 2GiB가 넘는 메모리를 요구했습니다.\n"
        "잔차의 모양은 (m,)입니다. 열벡터에서 행벡터를 빼면, 즉 (m, 1) − (m,)은 (m, m)이 됩니다.",
    ),
    "loop: reads input": _both(
        "The loop asks for input; nobody is there to answer.\n"
        "What it needs comes in its arguments.",
        "반복문이 입력을 기다리지만 답할 사람이 없습니다.\n필요한 것은 인수로 전달됩니다.",
    ),
    "loop: no result": _both(
        "The loop must return θ, (w, b), or a path of them; it returned {got}.",
        "반복문은 θ나 (w, b), 또는 그 경로를 돌려줘야 하는데 {got}을(를) 돌려주었습니다.",
    ),
    "loop: another shape": _both(
        "θ has the shape {expected}; the loop returned {got}.\n"
        "With an intercept there is one number more than features, the intercept first.",
        "θ의 모양은 {expected}인데 반복문은 {got}을(를) 돌려주었습니다.\n"
        "절편이 있으면 매개변수가 특성보다 하나 많고, 절편이 맨 앞에 옵니다.",
    ),
    # Notes
    "loop printed": _both(
        "Note: the loop prints; its output is not shown here.",
        "참고: 반복문이 출력을 합니다. 그 출력은 여기에 나타나지 않습니다.",
    ),
    "loop data changed": _both(
        "Note: the loop writes into X or y; it had copies, and they should stay as they are.",
        "참고: 반복문이 X나 y를 바꿉니다. 넘겨준 것은 복사본이지만, 데이터는 그대로 두어야 합니다.",
    ),
    "loop generator used": _both(
        "Note: the loop uses or seeds NumPy's global generator; it is as it was before.",
        "참고: 반복문이 NumPy의 전역 난수 생성기를 쓰거나 시드를 정합니다. "
        "생성기는 원래대로입니다.",
    ),
    "float32": _both(
        "Note: compared to the accuracy of float32.", "참고: float32의 정확도로 비교했습니다."
    ),
    "rate noted": _both(
        "Note: the rate is {times} times the limit 2/L of these data.",
        "참고: 학습률이 이 데이터의 한계 2/L의 {times}배입니다.",
    ),
    "losses without penalty": _both(
        "Note: the losses are those without the penalty.",
        "참고: 손실에 벌점이 들어 있지 않습니다.",
    ),
    "losses clipped": _both(
        "Note: the losses differ a little, as with a logarithm that is clipped.",
        "참고: 로그를 잘라 낸 것처럼 손실이 조금 다릅니다.",
    ),
    "losses unknown": _both(
        "The losses are not those of θ: before or after an update, of a batch, an epoch or all "
        "rows.",
        "손실이 θ의 손실과 다릅니다. 갱신 전후, 배치, 에폭, 전체 행의 어느 손실과도 맞지 않습니다.",
    ),
    "losses of another length": _both(
        "The list of losses has {got} numbers; one for each of {expected} epochs or for each "
        "update was expected.",
        "손실 목록의 길이가 {got}입니다. 에폭마다 하나씩 {expected}개이거나, "
        "갱신마다 하나씩이어야 합니다.",
    ),
    "loop of another length": _both(
        "The path has {got} θ, which is neither one for each update nor one for each epoch.",
        "경로에 θ가 {got}개 있는데, 갱신의 수와도 에폭의 수와도 맞지 않습니다.",
    ),
    "draws unknown": _both(
        "Note: which rows the loop takes could not be seen; it was judged on {m} rows alone, where "
        "every draw is the same.",
        "참고: 반복문이 어떤 행을 뽑는지 볼 수 없어, 어떻게 뽑아도 같은 {m}행만으로 판단했습니다.",
    ),
}
