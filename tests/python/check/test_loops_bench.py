"""The bench of students' loops is honest: the right agree with gradwalk, the wrong do not."""

import numpy as np
import pytest

from loops import (
    CONVENTIONS,
    HOSTILE,
    PUBLISHED_AFTER,
    PUBLISHED_BEFORE,
    RIGHT,
    TWO_MISTAKES,
    WRONG,
)
from loops.run import last_theta, reference, run

NAMES = """another factor|not divided|divided twice|divided by n|short batch divided by batch_size
divided by features|divided by classes|factor 2|factor ½|summed over batches
averaged over coordinates
wrong sign|stale gradient|updated within the gradient|bias after weights|squared error as slope
loss as slope|no sigmoid|no softmax|probabilities as scores|softmax over rows|log of another base
labels −1 and 1
bias not updated|bias stepped twice|bias penalised|not shuffled|shuffled once
X and y shuffled apart|with replacement|last batch dropped|rows carried over|first row skipped
one epoch too few|one epoch too many|gradient not reset|gradient not reset in an epoch
schedule restarted|schedule off by one|another convention|epoch never fires|truncated to integers
column against row|l2 on another scale|loss on another scale|rate above the limit|raises|timed out
no result|another shape|out of memory|reads input"""
NAMES = set(NAMES.replace("\n", "|").split("|"))


def named(loops):
    return pytest.mark.parametrize("loop", loops, ids=lambda loop: f"{loop.name}-{loop.data.d}")


def far(one, other):
    return np.max(np.abs(one - other)) / max(1, np.max(np.abs(other)))


def losses_known(history, losses):
    """Whether they are gradwalk's of some accepted reading: of a batch, an epoch, or all rows."""
    full = history.full_loss
    readings = (history.update_loss, history.loss, full, full[1:], full[:-1])
    return any(len(r) == len(losses) and np.allclose(r, losses, rtol=1e-6) for r in readings)


@named(RIGHT + PUBLISHED_AFTER)
def test_right_loops_are_right(loop):
    result, model = run(loop), reference(loop)
    theta = last_theta(loop, result)
    within = 1e-3 if loop.float32 else 1e-8
    np.testing.assert_allclose(theta, model.params_, rtol=within, atol=within)
    if loop.losses:
        assert losses_known(model.history_, np.array(result[-1]))


@named(WRONG + CONVENTIONS + TWO_MISTAKES + PUBLISHED_BEFORE)
def test_wrong_loops_are_wrong(loop):
    assert loop.expected <= NAMES
    if loop.differs == "raises":
        with pytest.raises(OverflowError):
            run(loop)
        return
    result, model = run(loop), reference(loop)
    distance = far(last_theta(loop, result), model.params_)
    if loop.differs == "loss":
        assert distance < 1e-8
        assert not losses_known(model.history_, np.array(result[-1]))
    else:
        assert distance > 1e-6


def test_every_diagnosis_has_a_loop():
    assert set().union(*(loop.expected for loop in WRONG + CONVENTIONS + HOSTILE)) == NAMES
    assert len({loop.name for loop in WRONG}) >= 60
    assert len(RIGHT) >= 60
    assert len(HOSTILE) >= 20
    assert len(TWO_MISTAKES) >= 20
    assert len(PUBLISHED_BEFORE) == len(PUBLISHED_AFTER) >= 20
