"""Whether all did the same work, and which ratios were asked for and reached."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from driver import Result
from works import Claim, Work


@dataclass
class Verdict:
    """A claim and what was measured."""

    claim: Claim
    of: Result
    against: Result
    ratio: float

    @property
    def is_met(self) -> bool:
        """Whether the ratio is as asked for."""
        if self.claim.at_least is not None:
            return self.ratio >= self.claim.at_least
        return self.ratio <= self.claim.at_most

    @property
    def asked(self) -> str:
        """The ratio asked for, in words."""
        if self.claim.at_least is not None:
            return f"≥ {self.claim.at_least:g}"
        return f"≤ {self.claim.at_most:g}"


def judge(work: Work, results: list[Result]) -> list[Verdict]:
    """Compare medians."""
    found = {result.entry.name: result for result in results if not result.missing}
    verdicts = []
    for claim in work.claims:
        if claim.entry in found and claim.against in found:
            of, against = found[claim.entry], found[claim.against]
            ratio = against.time / of.time
            verdicts.append(Verdict(claim, of, against, 1 / ratio if claim.at_most else ratio))
    return verdicts


def differences(work: Work, results: list[Result]) -> list[str]:
    """Say who did not get where gradwalk got.

    After full batches θ is the same but for rounding. Where orders are drawn the loss is, nearly.
    """
    walked = [result for result in results if not result.missing and result.params.size]
    if not walked:
        return []
    first = walked[0]
    found = []
    for result in walked:
        name = f"{work.title}: {result.entry.name}"
        if not math.isfinite(result.loss):
            found.append(f"{name} ended with a loss of {result.loss}")
        elif work.reached == "params":
            apart = float(np.max(np.abs(result.params - first.params)))
            allowed = 1e-4 if result.entry.array == "float32" else 1e-8
            if apart > allowed:
                found.append(f"{name} ended {apart:.1e} away from {first.entry.name}")
        elif abs(result.loss / first.loss - 1) > work.tolerance:
            found.append(
                f"{name} ended with a loss of {result.loss:.6g}, "
                f"{first.entry.name} with {first.loss:.6g}"
            )
    return found
