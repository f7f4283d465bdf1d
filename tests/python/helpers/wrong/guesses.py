"""What people write who know a course and not this library, and what they must be told."""

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np

import gradwalk as gw
from gradwalk import plot
from wrong.calls import X, labels, y

METHODS: dict[str, Any] = {"BatchGD": gw.BatchGD, "SGD": gw.SGD, "MiniBatchGD": gw.MiniBatchGD}


class Guess(NamedTuple):
    """A wrong call and the pieces of what must be said."""

    name: str
    call: Callable[[], object]
    told: tuple[str, ...]


def message_of(call: Callable[[], object]) -> str:
    """What the exception of `call` says; its type is one that such a mistake raises in Python."""
    try:
        call()
    except (TypeError, ValueError, AttributeError) as error:
        return str(error)
    raise AssertionError("nothing was wrong")


# Arguments of the constructors: what must be named.
CONSTRUCTOR: dict[str, tuple[str, ...]] = {
    "momentum": ("rule=gw.rules.Momentum(0.9)",),
    "nesterov": ("rule=gw.rules.Nesterov(0.9)",),
    "optimizer": ("rule=gw.rules.Adam()",),
    "early_stopping": ("tol=", "validation=", "restore_best=True"),
    "clipnorm": ("here it is clip_norm",),
    "max_norm": ("here it is clip_norm",),
    "grad_clip": ("here it is clip_norm",),
    "print_every": ("fit(X, y, callback=",),
    "gamma": ("learning_rate=gw.schedules.Exponential(",),
    "decay": ("learning_rate=gw.schedules.Exponential(",),
    "steps": ("here it is epochs",),
    "precision": ("here it is tol",),
    "l1_ratio": ("l1=", "l2="),
    "reduction": ("mean", "learning_rate"),
    "metrics": ("model.score(X, y)", "callback="),
    "validation_split": ("fit(X, y, validation=",),
    "validation_fraction": ("fit(X, y, validation=",),
    "validation_data": ("fit(X, y, validation=",),
    "eval_set": ("fit(X, y, validation=",),
    "callbacks": ("fit(X, y, callback=",),
    "class_weight": ("sample_weight=",),
    "warm_start": ("partial_fit", "init="),
    "average": ("history_.path.mean(axis=0)",),
    "n_jobs": ("here it is n_threads",),
    "lambd": ("here it is l2",),
    "lambda_": ("here it is l2",),
    "beta1": ("rule=gw.rules.Adam()",),
    "schedule": ("learning_rate=gw.schedules.",),
    "power_t": ("learning_rate=gw.schedules.InverseScaling(",),
    "lr": ("here it is learning_rate",),
    "eta0": ("here it is learning_rate",),
    "step_size": ("here it is learning_rate",),
    "num_iters": ("here it is epochs",),
    "maxiter": ("here it is epochs",),
    "seed": ("here it is random_state",),
    "verbose": ("fit(X, y, progress=",),
    "normalize": ("X.std(axis=0)",),
    "callback": ("fit(X, y, callback=",),
    "theta": ("fit(X, y, init=",),
    "eta": ("here it is learning_rate",),
    "rate": ("here it is learning_rate",),
    "alpha": ("here it is learning_rate", "l2"),
    "n_iter": ("here it is epochs", "updates"),
    "max_iter": ("here it is epochs", "updates"),
    "iterations": ("here it is epochs", "updates"),
    "n_epochs": ("here it is epochs",),
    "penalty": ("here it is l2",),
    "weight_decay": ("here it is l2",),
    "reg": ("here it is l2",),
    "C": ("here it is l2", "inverse"),
    "tolerance": ("here it is tol",),
    "eps": ("here it is tol",),
    "n_iter_no_change": ("here it is patience",),
    "intercept": ("here it is fit_intercept",),
    "bias": ("here it is fit_intercept",),
    "init": ("fit(X, y, init=",),
    "w0": ("fit(X, y, init=",),
    "initial_theta": ("fit(X, y, init=",),
}
# Arguments of `fit` of each class.
FIT: dict[str, tuple[str, ...]] = {
    "validation_data": ("validation=(X_val, y_val)",),
    "validation_split": ("validation=0.2",),
    "callbacks": ("here it is callback",),
    "lr": ("constructor", "(learning_rate=…)"),
    "epochs": ("constructor", "(epochs=…)"),
    "class_weight": ("sample_weight=",),
    "coef_init": ("here it is init",),
    "theta": ("here it is init",),
    "verbose": ("here it is progress=True",),
    "print_every": ("here it is callback",),
    "tol": ("constructor", "(tol=…)"),
    "metrics": ("model.score(X, y)",),
    "weights": ("here it is sample_weight",),
    "early_stopping": ("tol=", "restore_best=True"),
    "momentum": ("rule=gw.rules.Momentum(0.9)",),
}
# Words given as a value.
VALUES: list[tuple[str, Any, str]] = [
    ("loss", "MSE", 'ours is "mse"'),
    ("loss", "least_squares", 'ours is "mse"'),
    ("loss", "linear", 'ours is "mse"'),
    ("loss", "rmse", 'ours is "mse"'),
    ("loss", "RMSE", 'ours is "mse"'),
    ("loss", "sse", 'ours is "mse"'),
    ("loss", "sigmoid", 'ours is "log_loss"'),
    ("loss", "Perceptron", 'ours is "perceptron"'),
    ("loss", "poisson_nll", 'ours is "poisson"'),
    ("loss", "squared_error", 'ours is "mse"'),
    ("loss", "mean_squared_error", 'ours is "mse"'),
    ("loss", "logistic", 'ours is "log_loss"'),
    ("loss", "bce", 'ours is "log_loss"'),
    ("loss", "Binary-CrossEntropy", 'ours is "log_loss"'),
    ("loss", "softmax", 'ours is "cross_entropy"'),
    ("loss", "svm", 'ours is "hinge"'),
    ("loss", "Hinge", 'ours is "hinge"'),
    ("loss", "l1", 'ours is "mae"'),
    ("loss", 0.1, "learning_rate=0.1"),
    ("loss", "binary_crossentropy", 'ours is "log_loss"'),
    ("loss", "categorical_crossentropy", 'ours is "cross_entropy"'),
    ("loss", "l2", 'ours is "mse"'),
    ("learning_rate", "invscaling", "gw.schedules.InverseScaling("),
    ("learning_rate", "adaptive", "gw.schedules.StepDecay("),
    ("learning_rate", "constant", "learning_rate=0.01"),
    ("learning_rate", "optimal", "gw.max_learning_rate(X, y)"),
    ("learning_rate", "0.1", "without quotes, learning_rate=0.1"),
    ("learning_rate", "exponential", "gw.schedules.Exponential("),
    ("learning_rate", "Cosine", "gw.schedules.Cosine("),
    ("learning_rate", gw.schedules.Exponential, "gw.schedules.Exponential(0.1)"),
    ("rule", "adam", "rule=gw.rules.Adam()"),
    ("rule", "RMSprop", "rule=gw.rules.RMSProp()"),
    ("rule", "momentum", "rule=gw.rules.Momentum(0.9)"),
    ("rule", "sgd", "rule=None"),
    ("rule", "nag", "rule=gw.rules.Nesterov(0.9)"),
    ("rule", "nadam", "rule=gw.rules.Adam()"),
    ("rule", "adamw", "rule=gw.rules.AdamW()"),
    ("rule", "AdaDelta", "rule=gw.rules.Adadelta()"),
    ("rule", gw.rules.Adam, "rule=gw.rules.Adam()"),
    ("rule", gw.rules.Momentum, "rule=gw.rules.Momentum(0.9)"),
    ("rule", 0.9, "gw.rules.Momentum(0.9)"),
    ("sampling", "random", 'sampling="shuffle"'),
    ("sampling", "with_replacement", 'sampling="replace"'),
    ("sampling", True, 'sampling="shuffle"'),
    ("sampling", None, "sequential"),
    ("sampling", "cyclic", 'sampling="sequential"'),
    ("record", "all", 'record="update"'),
    ("record", False, "record=None"),
]
# Attributes of a model, of its history and of a step, and what must be named.
OF_MODEL = {
    "theta_": "params_",
    "theta": "params_",
    "w_": "coef_",
    "weights_": "coef_",
    "w": "coef_",
    "b": "intercept_",
    "coef": "coef_",
    "params": "params_",
    "intercept": "intercept_",
    "cost_history": "history_.loss",
    "cost_": "history_.loss",
    "losses_": "history_.loss",
    "loss_curve_": "history_.loss",
    "J_history": "history_.loss",
    "history": "history_",
    "n_iter_": "n_epochs_",
    "t_": "n_updates_",
    "theta_history": "history_.path",
    "plot": "plot.loss_curve(model)",
    "evaluate": "model.score(X, y)",
    "w_history": "history_.path",
    "val_loss": "history_.validation_loss",
    "lr": "learning_rate",
    "max_iter": "epochs",
}
OF_HISTORY = {
    "cost": "history_.loss",
    "theta": "history_.path",
    "params": "history_.path",
    "accuracy": "model.score(X, y)",
    "val_loss": "history_.validation_loss",
    "losses": "history_.loss",
    "history": "history_.to_dict()",
    "plot": "plot.loss_curve(history_)",
    "lr": "history_.learning_rate",
    "epochs": "len(history_.loss)",
    "df": "pandas.DataFrame(history_.to_dict())",
    "w": "history_.coef_path",
}
OF_STEP = {
    "cost": "step.loss",
    "theta": "step.params",
    "w": "step.params",
    "lr": "step.learning_rate",
    "gradient": "step.grad",
    "t": "step.update",
    "batch": "step.rows",
    "coef_": "step.params",
}
OF_RESULT = {
    "theta": "result.x",
    "params": "result.x",
    "cost": "result.fun",
    "losses": "result.history.loss",
    "n_iter": "result.nit",
    "converged": "result.success",
    "history_": "result.history",
}
NAMES: dict[Any, dict[str, str]] = {
    gw: {
        "minimize": "gw.BatchGD(learning_rate=0.1).minimize(",
        "Adam": "rule=gw.rules.Adam()",
        "Momentum": "rule=gw.rules.Momentum(0.9)",
        "LinearRegression": "gw.BatchGD()",
        "LogisticRegression": 'gw.BatchGD("log_loss")',
        "SGDRegressor": "gw.SGD()",
        "GD": "gw.BatchGD()",
        "MiniBatchSGD": "gw.MiniBatchGD(batch_size=32)",
        "batchgd": "gw.BatchGD",
        "Minibatchgd": "gw.MiniBatchGD",
        "StandardScaler": "X.std(axis=0)",
        "Exponential": "learning_rate=gw.schedules.Exponential(0.1)",
        "rosenbrock": "gw.landscapes.rosenbrock",
        "decision_boundary": "gw.plot.decision_boundary",
        "contour": "plot.contour_paths(",
        "save": "model.save(",
    },
    gw.rules: {
        "SGD": "rule=None",
        "Adagrad": "gw.rules.AdaGrad",
        "RMSprop": "gw.rules.RMSProp",
        "NAG": "gw.rules.Nesterov(0.9)",
        "Nadam": "gw.rules.Adam()",
        "ADAMW": "gw.rules.AdamW",
        "NesterovMomentum": "gw.rules.Nesterov(0.9)",
    },
    gw.schedules: {
        "ExponentialDecay": "gw.schedules.Exponential(0.1",
        "LinearLR": "gw.schedules.Linear(",
        "OneCycleLR": "gw.schedules.OneCycle(",
        "CosineAnnealingWarmRestarts": "cycles=5",
        "MultiStep": "learning_rate=lambda t:",
        "StepLR": "gw.schedules.StepDecay(",
        "CosineAnnealing": "gw.schedules.Cosine(",
        "step_decay": "gw.schedules.StepDecay",
        "ReduceLROnPlateau": "gw.schedules.StepDecay(",
    },
    plot: {
        "contour": "plot.contour_paths(",
        "surface": "plot.surface_path(",
        "boundary": "plot.decision_boundary(",
        "loss": "plot.loss_curve(",
        "cost": "plot.loss_curve(",
        "decision_regions": "plot.decision_boundary(",
        "path": "plot.contour_paths(",
        "learning_curve": "plot.loss_curve(",
        "animation": "plot.animate(",
        "field": "plot.gradient_field(",
        "lossCurve": "plot.loss_curve",
    },
}
RULES: list[tuple[Any, str, str]] = [
    (gw.rules.Momentum, "momentum", "here it is beta"),
    (gw.rules.Momentum, "gamma", "here it is beta"),
    (gw.rules.Momentum, "lr", "learning_rate="),
    (gw.rules.Momentum, "nesterov", "gw.rules.Nesterov(0.9)"),
    (gw.rules.Adam, "b1", "here it is beta1"),
    (gw.rules.Adam, "beta_2", "here it is beta2"),
    (gw.rules.Adam, "eps", "here it is epsilon"),
    (gw.rules.Adam, "lr", "learning_rate="),
    (gw.rules.Adam, "betas", "beta1=0.9, beta2=0.999"),
    (gw.rules.RMSProp, "decay_rate", "here it is rho"),
    (gw.rules.RMSProp, "alpha", "rho"),
    (gw.rules.AdaGrad, "eps", "here it is epsilon"),
    (gw.rules.AdaGrad, "EpsilonAt", "did you mean epsilon_at"),
    (gw.rules.AdamW, "amsgrad", "rule=gw.rules.Adam(amsgrad=True)"),
]
SCHEDULES: list[tuple[Any, str, str]] = [
    (gw.schedules.Exponential, "gamma", "here it is decay"),
    (gw.schedules.Exponential, "initial_learning_rate", "here it is initial"),
    (gw.schedules.StepDecay, "gamma", "here it is factor"),
    (gw.schedules.StepDecay, "drop", "here it is factor"),
    (gw.schedules.Cosine, "T_max", "here it is updates"),
    (gw.schedules.Cosine, "eta_min", "here it is floor"),
    (gw.schedules.InverseScaling, "power_t", "here it is power"),
    (gw.schedules.InverseScaling, "eta0", "here it is initial"),
]
PLOTS: list[tuple[str, str, str]] = [
    ("contour_paths", "xlim", "ax.set_xlim("),
    ("contour_paths", "bounds", "ax.set_xlim("),
    ("contour_paths", "levels", "here it is n_levels"),
    ("contour_paths", "title", "ax.set_title("),
    ("contour_paths", "names", 'plot.loss_curve({"batch": model'),
    ("contour_paths", "figsize", "plt.subplots(figsize="),
    ("loss_curve", "labels", 'plot.loss_curve({"batch": model'),
    ("loss_curve", "logy", "here it is log=True"),
    ("loss_curve", "title", "ax.set_title("),
    ("trace_1d", "xlim", "here it is bounds"),
    ("decision_boundary", "class_names", "Axes"),
    ("loss_curve", "ful_loss", "did you mean full_loss?"),
]


def fitted() -> gw.BatchGD:
    """A model after two epochs."""
    return gw.BatchGD(epochs=2).fit(X, y)


def square(x: Any) -> float:
    """A function of an array of two."""
    return float(x[0] ** 2 + x[1] ** 2)


def slopes(x: Any) -> Any:
    """Its gradient."""
    return 2 * x


def calls() -> Iterator[Guess]:
    """Whole calls that are not as ours are."""
    gd = gw.BatchGD(epochs=2)
    pair = [1.0, 2.0]
    data: list[tuple[str, Callable[[], object], tuple[str, ...]]] = [
        ("BatchGD(0.1, 100)", lambda: gw.BatchGD(0.1, 100), ("learning_rate=0.1", "epochs=100")),
        ("SGD(0.01)", lambda: gw.SGD(0.01), ("learning_rate=0.01",)),
        ("SGD(mse, 0.01)", lambda: gw.SGD("mse", 0.01), ("learning_rate=0.01",)),
        ("BatchGD(X, y)", lambda: gw.BatchGD(X, y), ("fit(X, y)",)),
        ("fit(X, y, 100)", lambda: gd.fit(X, y, 100), ("BatchGD(epochs=100)",)),
        ("fit(X, y, 0.1)", lambda: gd.fit(X, y, 0.1), ("BatchGD(learning_rate=0.1)",)),
        ("fit(X, y, w)", lambda: gd.fit(X, y, y), ("sample_weight=",)),
        ("SGD(shuffle=)", lambda: gw.SGD(shuffle=True), ("here it is sampling",)),
        ("SGD(replace=)", lambda: gw.SGD(replace=True), ('sampling="replace"',)),
        ("BatchGD(replace=)", lambda: gw.BatchGD(replace=True), ("nothing to sample",)),
        ("SGD(batch_size=)", lambda: gw.SGD(batch_size=8), ("MiniBatchGD has a batch_size",)),
        ("fit(x, y)", lambda: gd.fit(X[:, 0], y), ("reshape(-1, 1)",)),
        ("predict([1, 2])", lambda: fitted().predict([1, 2]), ("reshape(1, -1)",)),
        ("minimize(None)", lambda: gd.minimize(None, pair, jac=slopes), ("fun=lambda x: 0.0",)),
        ("fit(X.T, y)", lambda: gd.fit(X.T, y), ("X.T",)),
        ("fit(X, y.T)", lambda: gd.fit(X, y[None, :]), ("y.T",)),
        ("fit(X.T, y.T)", lambda: gd.fit(X.T, y[None, :]), ("X.T", "y.T")),
        ("score(X, y.T)", lambda: fitted().score(X, y[None, :]), ("y.T",)),
        (
            "callback(epoch, loss)",
            lambda: gd.fit(X, y, callback=lambda epoch, loss: None),
            ("callback must be a function of one step", "step.loss"),
        ),
        (
            "callback()",
            lambda: gd.fit(X, y, callback=lambda: None),
            ("callback must be a function of one step",),
        ),
        ("minimize(f, df, x0)", lambda: gd.minimize(square, slopes, pair), ("jac=",)),
        ("minimize(f, x0, df)", lambda: gd.minimize(square, pair, slopes), ("jac=",)),
        ("minimize(f, df)", lambda: gd.minimize(square, slopes), ("jac=",)),
        (
            "minimize(f(x, y))",
            lambda: gd.minimize(lambda x, y: x**2 + y**2, pair),
            ("fun must be a function of one x", "x[0]"),
        ),
        (
            "minimize(jac(x, y))",
            lambda: gd.minimize(square, pair, jac=lambda x, y: (x, y)),
            ("jac must be a function of one x",),
        ),
        ("minimize(grad=)", lambda: gd.minimize(square, pair, grad=slopes), ("here it is jac",)),
        ("minimize(df=)", lambda: gd.minimize(square, pair, df=slopes), ("here it is jac",)),
        ("minimize(tol=)", lambda: gd.minimize(square, pair, tol=1), ("BatchGD(tol=…)",)),
        ("minimize(lr=)", lambda: gd.minimize(square, pair, lr=1), ("BatchGD(learning_rate=…)",)),
        ("minimize(method=)", lambda: gd.minimize(square, pair, method="BFGS"), ("gw.BatchGD()",)),
        ("minimize(options=)", lambda: gd.minimize(square, pair, options={}), ("gw.BatchGD(",)),
        ("minimize(args=)", lambda: gd.minimize(square, pair, args=(2,)), ("lambda x:",)),
        ("minimize(bounds=)", lambda: gd.minimize(square, pair, bounds=pair), ("not built in",)),
        ("loss(p)", lambda: gw.SGD(square).fit(X, y, init=pair), ("(params, X_batch, y_batch)",)),
        (
            "learning_rate(t, rate)",
            lambda: gw.SGD(learning_rate=lambda t, rate: 0.1).fit(X, y),
            ("learning_rate must be a function of the update counter t",),
        ),
        ("BatchGD.fit(batch_size)", lambda: gd.fit(X, y, batch_size=8), ("MiniBatchGD has a",)),
        ("SGD.fit(batch_size)", lambda: gw.SGD().fit(X, y, batch_size=8), ("MiniBatchGD has a",)),
        (
            "MiniBatchGD.fit(batch_size)",
            lambda: gw.MiniBatchGD().fit(X, y, batch_size=8),
            ("MiniBatchGD(batch_size=…)",),
        ),
        ("SGD.fit(shuffle)", lambda: gw.SGD().fit(X, y, shuffle=True), ("SGD(sampling=…)",)),
        ("BatchGD.fit(shuffle)", lambda: gd.fit(X, y, shuffle=True), ("nothing to sample",)),
        ("partial_fit(epochs)", lambda: gd.partial_fit(X, y, epochs=3), ("BatchGD(epochs=…)",)),
        ("partial_fit(X, y, 3)", lambda: gd.partial_fit(X, y, 3), ("BatchGD(epochs=3)",)),
        ("steps(lr)", lambda: gd.steps(X, y, lr=3), ("BatchGD(learning_rate=…)",)),
        ("steps(X, y, 3)", lambda: gd.steps(X, y, 3), ("BatchGD(epochs=3)",)),
        ("predict(threshold)", lambda: fitted().predict(X, threshold=1), ("predict_proba(X)",)),
        ("score(X, y, scoring)", lambda: fitted().score(X, y, scoring=1), ("model.score(X, y)",)),
        (
            "loss_and_grad(theta)",
            lambda: gw.loss_and_grad(X, y, theta=[0, 0, 0]),
            ("params",),
        ),
        ("history_[loss]", lambda: fitted().history_["loss"], ("history_.loss",)),
        ("history_[cost]", lambda: fitted().history_["cost"], ("history_.loss",)),
        ("history_[val_loss]", lambda: fitted().history_["val_loss"], ("validation_loss",)),
        ("history_[0]", lambda: fitted().history_[0], ("history_.loss",)),
        ("len(history_)", lambda: len(fitted().history_), ("len(history_.loss)",)),
        ("list(history_)", lambda: list(fitted().history_), ("history_.to_dict()",)),
        ("DataFrame(history_)", lambda: frame(fitted().history_), ("history_.to_dict()",)),
        (
            "loss_curve(history_.loss)",
            lambda: plot.loss_curve(fitted().history_.loss),
            ("plot.loss_curve(model)", "plt.plot"),
        ),
        (
            "contour_paths(path)",
            lambda: plot.contour_paths(np.zeros((4, 2))),
            ("the model itself", "plt.plot"),
        ),
    ]
    for name, call, told in data:
        yield Guess(name, call, told)


def frame(history: gw.History) -> object:
    """A table of pandas."""
    import pandas

    return pandas.DataFrame(history)


def guesses() -> Iterator[Guess]:
    """All of them."""
    model = fitted()
    step = next(iter(gw.SGD(epochs=1).steps(X, y)))
    result = gw.BatchGD(epochs=2).minimize(square, [1.0, 2.0])
    for word, told in CONSTRUCTOR.items():
        for name, method in METHODS.items():
            yield Guess(f"{name}({word}=)", lambda m=method, w=word: m(**{w: 1}), told)
    for word, told in FIT.items():
        for name, method in METHODS.items():
            yield Guess(
                f"{name}.fit({word}=)", lambda m=method, w=word: m().fit(X, y, **{w: 1}), told
            )
    for argument, value, piece in VALUES:
        name = f"{argument}={value if isinstance(value, type) else repr(value)}"
        yield Guess(name, lambda a=argument, v=value: gw.SGD(**{a: v}), (piece,))
    for owner, kind, words in (
        (model, "model", OF_MODEL),
        (gw.SGD(), "unfitted", OF_MODEL),
        (model.history_, "history_", OF_HISTORY),
        (step, "step", OF_STEP),
        (result, "result", OF_RESULT),
    ):
        for word, piece in words.items():
            yield Guess(f"{kind}.{word}", lambda o=owner, w=word: getattr(o, w), (piece,))
    for module, words in NAMES.items():
        for word, piece in words.items():
            name = f"{module.__name__}.{word}"
            yield Guess(name, lambda o=module, w=word: getattr(o, w), (piece,))
    for made, word, piece in (*RULES, *SCHEDULES):
        yield Guess(f"{made.__name__}({word}=)", lambda m=made, w=word: m(**{w: 0.5}), (piece,))
    for helper, word, piece in PLOTS:
        draw = getattr(plot, helper)
        yield Guess(
            f"{helper}({word}=)", lambda d=draw, w=word: d(model, X, labels, **{w: 1}), (piece,)
        )
    yield from calls()


GUESSES = list(guesses())
