"""Errors and warnings of gradwalk."""


class NotFittedError(ValueError, AttributeError):
    """A fitted attribute was asked for, or a prediction, before ``fit``."""


class DivergenceWarning(RuntimeWarning):
    """The loss or the parameters of a walk are not finite any more: the learning rate is too large.

    ``params_`` holds the last finite parameters, and ``history_`` the blow-up.
    """
