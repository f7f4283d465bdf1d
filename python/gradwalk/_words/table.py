"""The words, and what to write instead.

What stands between backticks in an answer is code: the tests run it, so that no answer names what
does not exist.
"""

from __future__ import annotations

__all__ = ["ANSWERS", "ARGUMENTS"]

_RULE = "write `rule={}`"
_AMSGRAD = _RULE.format("gw.rules.Adam(amsgrad=True)")
_SCHEDULE = "write a schedule, such as `learning_rate={}`"
_AXES = "a helper returns its Axes: `ax = plot.{}`, then `{}`"
_NO_BATCH = "{} takes {} at every update; MiniBatchGD has a batch_size"
_EPOCHS = ", passes over the data: not updates, of which an epoch may have many"
_RATE_OF_RULE = "the learning rate stands beside the rule: `gw.SGD(rule={}, learning_rate=0.01)`"

#: Words for an argument that goes by another name here: the names of ours that may be meant, the
#: first that the call has is taken, and what to add.
ARGUMENTS: dict[str, str] = {
    "lr eta eta0 step_size stepsize learning_rate_init rate initial_learning_rate initial_lr "
    "start_rate base_lr": "learning_rate|initial",
    "alpha": "learning_rate|l2 if you mean the size of a step, or l2 if you mean the strength "
    "of the penalty (other libraries use alpha for either)",
    "max_iter n_iter n_iters num_iters n_iterations num_iterations iterations iters max_epochs "
    "n_epochs num_epochs epoch nb_epoch maxiter max_iters num_steps n_steps steps "
    "updates": "epochs" + _EPOCHS,
    "decay_steps step_every period": "every|updates|tau",
    "shuffle": 'sampling: "shuffle" for a fresh order each epoch, "sequential" for none, "replace" '
    "for independent draws",
    "replace replacement": 'sampling="replace"',
    "seed random_seed rng generator": "random_state",
    "batch batchsize minibatch_size n_batch mini_batch_size": "batch_size",
    "c": "l2, a strength; C is the inverse of one",
    "penalty weight_decay lambda_ lam reg reg_lambda lambd l2_penalty l2_reg": "l2: it adds "
    "(l2/2)·‖w‖² to the objective",
    "l1_penalty l1_reg": "l1: it adds l1·‖w‖₁ to the objective",
    "intercept bias use_bias": "fit_intercept",
    "tolerance eps epsilon ftol precision": "tol|epsilon",
    "clip clipnorm max_norm max_grad_norm grad_clip gradient_clip clip_grad gradient_clip_val "
    "clip_grad_norm global_clipnorm": "clip_norm",
    "grad_tol gradient_tolerance tol_grad": "gtol",
    "xtol theta_tol param_tol min_step": "step_tol",
    "max_steps total_updates n_updates max_n_updates": "max_updates",
    "n_iter_no_change": "patience",
    "num_classes classes n_class": "n_classes",
    "loss_function loss_fn objective criterion cost": "loss",
    "theta theta0 theta_init initial_theta w w0 x0 params coef_init init_params initial_params "
    "start weights_init initial_weights": "init|params|x0, the parameters with the intercept first",
    "weights sample_weights weight": "sample_weight",
    "verbose verbosity show_progress progress_bar tqdm bar": "progress=True",
    "indices idx index row_order permutation": "order|rows",
    "n_jobs workers num_threads": "n_threads",
    "validation_data eval_set val_data validation_set": "validation=(X_val, y_val)",
    "validation_split validation_fraction val_split": "validation, a share of the rows: "
    "validation=0.2",
    "callbacks on_epoch_end": "callback, one function that is given a step after each epoch",
    "print_every log_every": "callback=lambda step: step.epoch % 100 == 0 and print(step)",
    "func function f objective_function": "fun",
    "grad df fprime gradient gradf grad_f grad_fn derivative gradient_function": "jac",
    "momentum mu": "beta",
    "gamma": "beta|rho|decay|factor",
    "decay_rate": "rho|decay|factor",
    "drop_rate drop": "factor",
    "decay_factor": "factor|decay",
    "step_size_up": "every",
    "b1 beta_1": "beta1",
    "b2 beta_2": "beta2",
    "initial_value eta_max lr_max": "initial",
    "power_t": "power",
    "t_max t_0 total_steps": "updates",
    "eta_min lr_min min_lr": "floor",
    "warmup_steps warmup": "updates",
    "schedule scheduler after": "then",
    "logy log_scale logscale yscale": "log=True",
    "xlim range extent": "bounds",
    "levels": "n_levels",
    "feature_labels columns": "feature_names",
    "model models walk history": "walks",
}

#: What to write instead, by the place where the word stood. Words in lower case, without
#: underscores at their end.
ANSWERS: dict[str, dict[str, str]] = {
    # --- Arguments that are no matter of another name -------------------------------------------
    "argument": {
        "momentum": _RULE.format("gw.rules.Momentum(0.9)"),
        "nesterov": _RULE.format("gw.rules.Nesterov(0.9)"),
        "optimizer optim solver update_rule": _RULE.format("gw.rules.Adam()")
        + ", or another of `gw.rules`; None is plain gradient descent",
        "beta": _RULE.format("gw.rules.Momentum(0.9)"),
        "beta1 beta2": _RULE.format("gw.rules.Adam()"),
        "amsgrad": _AMSGRAD,
        "epsilon_at": 'it is told to the rule: `gw.rules.Adam(epsilon_at="uncorrected")`',
        "rho": _RULE.format("gw.rules.RMSProp()"),
        "gamma decay lr_decay learning_rate_decay decay_rate": _SCHEDULE.format(
            "gw.schedules.Exponential(0.1, decay=0.999)"
        )
        + ", or `rule=gw.rules.Momentum(0.9)` if γ is that of momentum",
        "power_t schedule scheduler lr_schedule lr_scheduler learning_schedule "
        "warmup": _SCHEDULE.format("gw.schedules.InverseScaling(0.1, tau=100)"),
        "early_stopping": "write `tol=1e-4, patience=5`; with "
        "`model.fit(X, y, validation=0.2, restore_best=True)` it goes by held-out rows",
        "l1_ratio": "write both strengths: `l1=0.01, l2=0.01` is an elastic net",
        "reduction": "the loss is always the mean over the rows of a batch: where a course sums, "
        "take its learning rate times the rows, `learning_rate=0.001 * len(X)`",
        "metrics scoring metric": "not built in: `model.score(X, y)` has R² or the accuracy after "
        "the walk, and `callback=lambda step: print(step.params)` sees θ after each epoch",
        "class_weight": "not built in: give each row its weight, "
        "`model.fit(X, y, sample_weight=np.where(y == 1, 2.0, 1.0))`",
        "warm_start": "`model.partial_fit(X, y)` goes on where the last walk ended, and "
        "`model.fit(X, y, init=model.params_)` begins there",
        "average": "not built in: `model.history_.path.mean(axis=0)` is the mean of the recorded θ",
        "normalize normalise standardize scale": "not built in: scale the columns first, "
        "`X = (X - X.mean(axis=0)) / X.std(axis=0)`",
        "method": "the class is the method: `gw.BatchGD()`, `gw.SGD()` or "
        "`gw.MiniBatchGD(batch_size=32)`, and the rule is told to it, `rule=gw.rules.Adam()`",
        "options": "what other libraries take as options are arguments of the constructor: "
        "`gw.BatchGD(learning_rate=0.1, epochs=100, tol=1e-6)`",
        "args": "hand over a function of x alone: `lambda x: fun(x, 2.0)`",
        "bounds constraints hess": "not built in: gradient descent here takes neither bounds nor "
        "constraints nor a Hessian",
        "clipvalue clip_value": "not built in: `clip_norm=1.0` scales the gradient as a whole",
        "x y data": "data go to fit: `model.fit(X, y)`",
        "degree": "not built in: put the powers of x into the columns of X, "
        "`np.column_stack([x, x**2])`",
        "threshold": "for classes: `classifier.predict_proba(X)[:, 1] > 0.3`",
        "return_history": "the walk is on record without being asked: `model.history_`",
        "max_fun maxfun disp": "not built in; the walk ends after `epochs=100` passes, or earlier "
        "by `tol=1e-6`",
        "device dtype": "the dtype is that of X: `X.astype(np.float32)` walks in single precision",
    },
    "BatchGD": {
        "batch_size": _NO_BATCH.format("BatchGD", "all rows"),
        "drop_last": "BatchGD has no short last batch; MiniBatchGD has drop_last",
        "sampling shuffle replace replacement": "BatchGD takes all rows at every update, so there "
        "is nothing to sample",
    },
    "SGD": {
        "batch_size": _NO_BATCH.format("SGD", "one row"),
        "drop_last": "SGD has no short last batch; MiniBatchGD has drop_last",
    },
    "rule": {
        "lr learning_rate eta eta0 alpha step_size": _RATE_OF_RULE.format("gw.rules.Adam()"),
        "nesterov": "it is a rule of its own: `gw.rules.Nesterov(0.9)`",
        "betas": "write them apart: `gw.rules.Adam(beta1=0.9, beta2=0.999)`",
        "weight_decay lambda_ l2": "the penalty stands beside the rule: "
        "`gw.SGD(rule=gw.rules.Adam(), l2=0.01)`, or as a decay of its own, "
        "`gw.SGD(rule=gw.rules.AdamW(weight_decay=0.01))`",
        "amsgrad": _AMSGRAD,
        "centered dampening": "not built in",
    },
    "RMSProp": {"alpha momentum": "the share that is kept is rho: `gw.rules.RMSProp(rho=0.99)`"},
    "schedule": {
        "milestones boundaries values": "not built in; a function of the update counter does it: "
        "`learning_rate=lambda t: 0.1 if t < 100 else 0.01`",
    },
    "plot": {
        "xlim ylim bounds zoom lim xmin xmax": _AXES.format(
            "loss_curve(model)", "ax.set_xlim(0, 10)"
        ),
        "title": _AXES.format("loss_curve(model)", 'ax.set_title("…")'),
        "xlabel ylabel": _AXES.format("loss_curve(model)", 'ax.set_xlabel("…")'),
        "grid": _AXES.format("loss_curve(model)", "ax.grid()"),
        "figsize fig figure": "draw on axes of your own: `fig, ax = plt.subplots(figsize=(8, 5))`, "
        "then ax=ax",
        "names labels label legend": "name the walks in a dict: "
        '`plot.loss_curve({"batch": model, "again": model})`',
        "logy log log_scale logscale yscale": _AXES.format(
            "loss_curve(model)", 'ax.set_yscale("log")'
        ),
        "levels cmap color colors c linewidth lw style marker alpha": "the helper chooses "
        "it by the method and the data; what is drawn can be changed on the Axes that it returns: "
        "`ax = plot.loss_curve(model)`, then `ax.get_lines()`",
        "save filename path save_path savefig": '`plt.savefig("walk.png")` after the helper',
        "show": "`plt.show()` after the helper",
        "data": "the data go by place: `plot.contour_paths(model, X, y)`",
    },
    "decision_boundary": {
        "labels class_names classes target_names": "not built in: the classes go by their "
        "numbers; `ax = plot.decision_boundary(classifier, X, y)` gives the Axes to write on",
    },
    # --- Values, by the argument that they were given to ----------------------------------------
    "value of loss": {
        "squared_error squared_loss mean_squared_error l2 ols squared linear_regression "
        "least_squares linear quadratic mse_loss regression "
        "euclidean": 'ours is `"mse"`, and `"half_mse"` for the ½',
        "rmse root_mean_squared_error": 'ours is `"mse"`, whose root it is: the minimum is the '
        "same",
        "sse rss sum_squared_error sum_of_squares": 'ours is `"mse"`, the same sum divided by the '
        "number of rows: the learning rate is that of the sum times the rows",
        "absolute_error mean_absolute_error l1 mae_loss lad": 'ours is `"mae"`',
        "huber_loss smooth_l1": 'ours is `"huber"`',
        "log logistic bce binary_crossentropy binary_cross_entropy logloss bce_loss "
        "logistic_regression logit binary": 'ours is `"log_loss"`',
        "sigmoid": 'ours is `"log_loss"` for σ(z) as a probability, `"sigmoid_mse"` for the square '
        "error of one neuron",
        "tanh": 'ours is `"tanh_mse"`',
        "crossentropy softmax ce categorical_crossentropy categorical_cross_entropy "
        "sparse_categorical_crossentropy multinomial cross_entropy cross_entropy_loss nll "
        "nll_loss multiclass": 'ours is `"cross_entropy"`',
        "svm hinge_loss svc max_margin": 'ours is `"hinge"`',
        "poisson_nll poissonnll poisson_nll_loss poisson_regression": 'ours is `"poisson"`',
        "exponential gamma tweedie kl kl_divergence focal modified_huber "
        "epsilon_insensitive quantile pinball msle mape cosine exp multiclass_hinge triplet dice "
        "multi_margin": "not built in: write it as a function of your own, "
        "(params, X_batch, y_batch) -> (loss, grad), here `loss=loss_function`",
        "none": 'leave it out for `"mse"`',
    },
    "value of fun": {
        "none": "where only the gradient is known, write `fun=lambda x: 0.0`; the losses then say "
        "nothing",
    },
    "value of learning_rate": {
        "constant fixed": "write the number: `learning_rate=0.01`",
        "invscaling inverse_scaling inverse inverse_time": "write "
        "`learning_rate=gw.schedules.InverseScaling(0.1, tau=100)`",
        "optimal auto": "`gw.max_learning_rate(X, y)` gives the largest that is stable; stay below "
        "it, or let it fall: `learning_rate=gw.schedules.InverseScaling(0.1, tau=100)`",
        "adaptive plateau reduce_on_plateau": "a rate that waits for the loss is not built in; "
        "`learning_rate=gw.schedules.StepDecay(0.1, factor=0.5, every=1000)` falls by plan",
        "linear polynomial": "write `learning_rate=gw.schedules.Linear(0.1, 1000)`",
        "one_cycle onecycle": "write `learning_rate=gw.schedules.OneCycle(0.1, 1000)`",
        "exponential exp decay": "write `learning_rate=gw.schedules.Exponential(0.1)`",
        "step": "write `learning_rate=gw.schedules.StepDecay(0.1)`",
        "cosine": "write `learning_rate=gw.schedules.Cosine(0.1, 1000)`",
        "warmup": "write `learning_rate=gw.schedules.Warmup(10, gw.schedules.Constant(0.1))`",
    },
    "value of rule": {
        "sgd gd bgd plain vanilla none gradient_descent": "plain gradient descent is `rule=None`",
        "nag nesterov_momentum": "write `rule=gw.rules.Nesterov(0.9)`",
        "amsgrad": _AMSGRAD,
        "adamax nadam yogi lion rprop": "not built in; the nearest is `rule=gw.rules.Adam()`, or a "
        "function of your own, "
        "`rule=lambda params, grad, learning_rate, state: params - learning_rate * grad`",
        "lbfgs l_bfgs bfgs newton cg newton_cg conjugate_gradient saga sag": "not built in: the "
        "rules of `gw.rules` take the gradient of one batch",
    },
    "value of sampling": {
        "random shuffled permutation permute random_reshuffling reshuffle without_replacement "
        "true yes": 'ours is `sampling="shuffle"`',
        "with_replacement replacement bootstrap iid uniform choice randint "
        "independent": 'ours is `sampling="replace"`',
        "none order in_order ordered cyclic cycle sequence linear fixed no "
        "false": 'ours is `sampling="sequential"`',
    },
    "value of record": {
        "all every full updates true yes": 'ours is `record="update"`',
        "epochs": 'ours is `record="epoch"`',
        "none nothing no false": "ours is `record=None`",
    },
    # --- Attributes, by the class --------------------------------------------------------------
    "model": {
        "theta thetas params parameters param beta betas coefs coefficients theta_best best_theta "
        "x weights_and_bias": "`model.params_` is θ, the intercept first",
        "w weights weight coef w1": "`model.coef_` has the weights w, and `model.params_` is θ, "
        "the intercept first",
        "b bias intercept w0 b0 theta0 theta_0": "`model.intercept_` is the intercept b",
        "cost_history cost costs losses loss_curve loss_history errors error j j_history "
        "train_loss training_loss loss_log train_losses cost_log loss_values costs_history "
        "mse_history": "`model.history_.loss` has the loss of each epoch",
        "loss final_loss best_loss": "`model.history_.loss[-1]` is the loss of the last epoch",
        "val_loss validation_loss val_losses validation_scores validation_losses "
        "val_loss_curve": "`model.history_.validation_loss`, after fit with validation=…",
        "history histories log logs record_": "`model.history_` is the record of the walk",
        "n_iter n_iters iterations num_iters nit epoch epochs epochs_run "
        "n_epochs": "`model.n_epochs_` counts epochs, and `model.n_updates_` updates of θ",
        "t n_steps n_updates update_count": "`model.n_updates_` counts updates of θ",
        "path theta_history theta_path w_history weight_history params_history trajectory "
        "param_history coef_path": "`model.history_.path` has θ along the walk, and "
        "`model.history_.coef_path` its w",
        "gradient grad gradients grads grad_norm": "`model.history_.grad_norm` has the norm of "
        "the gradient, and the steps of `model.steps(X, y)` have it whole",
        "seconds fit_time time": "`model.history_.seconds`",
        "verdict": "`model.history_.verdict` says how the walk went",
        "plot plot_loss plot_history plot_cost plot_loss_curve draw show": "write "
        "`plot.loss_curve(model)`, with `from gradwalk import plot`",
        "plot_path plot_contour": "write `plot.contour_paths(model, X, y)`, with "
        "`from gradwalk import plot`",
        "plot_decision_boundary plot_boundary decision_boundary": "write "
        "`plot.decision_boundary(classifier, X, y)`, with `from gradwalk import plot`",
        "animate": "write `plot.animate(model, X, y)`, with `from gradwalk import plot`",
        "evaluate accuracy r2 r2_score accuracy_score test": "`model.score(X, y)` is R², or the "
        "accuracy for classes",
        "cost_function compute_cost loss_function compute_loss mse": "`gw.loss_and_grad(X, y, "
        "model.params_)` has the loss at any θ",
        "compute_gradient": "`gw.loss_and_grad(X, y, model.params_)` has loss and gradient at any "
        "θ",
        "train train_on_batch update partial": "`model.fit(X, y)` walks from the start, and "
        "`model.partial_fit(X, y)` one epoch more",
        "step run iterate": "`model.steps(X, y)` walks update by update",
        "forward net_input activation transform hypothesis": "`model.decision_function(X)` has the "
        "scores z = Xw + b, and `model.predict(X)` the predictions",
        "fit_predict fit_transform": "`model.fit(X, y).predict(X)`",
        "predict_log_proba": "`np.log(classifier.predict_proba(X))`",
        "optimize fmin": "`gw.SGD().minimize(fun, [1.0])` walks down a function",
        "converged success": "`model.converged_`",
        "message status": "`model.stop_reason_`",
        "best_params best_weights": "with `model.fit(X, y, validation=0.2, restore_best=True)` "
        "`model.params_` is the best θ",
        "n_features_in n_features": "`len(model.coef_)`",
        "feature_names": "`frame_model.feature_names_in_`",
        "summary": "`model.history_.verdict.sentence` says how the walk went",
        "momentum optimizer": "`model.rule`",
        "dump to_file export": '`model.save("walk.npz")`',
        "load": '`gw.load("walk.npz")`',
        "get_params": "not built in: each argument is an attribute, such as `model.learning_rate`",
        "set_params": "not built in: make another object, "
        "`gw.BatchGD(learning_rate=model.learning_rate / 2)`",
    },
    "history": {
        "cost costs j losses train_loss training_loss error errors loss_curve cost_history mse "
        "loss_history objective": "`history_.loss` has the loss of each epoch",
        "theta thetas params param params_history theta_history x points "
        "trajectory": "`history_.path` has θ along the walk",
        "w weights coef coefs ws": "`history_.coef_path` has w along the walk",
        "b bias biases intercept intercepts bs": "`history_.intercept_path` has b along the walk",
        "accuracy acc score scores metrics r2 train_accuracy val_accuracy val_acc": "not recorded: "
        "`model.score(X, y)` is R² or the accuracy where the walk ended",
        "val_loss val_losses validation validation_losses test_loss": "`history_.validation_loss`, "
        "after fit with validation=…",
        "lr learning_rates eta rate rates alpha": "`history_.learning_rate`",
        "grad grads gradient gradients gradient_norm grad_norms": "`history_.grad_norm` has the "
        "norm of the gradient",
        "loss_updates batch_loss step_loss iteration_loss update_losses": "`history_.update_loss` "
        "has the loss of each update",
        "time times elapsed duration": "`history_.seconds`",
        "epoch epochs n_epochs iterations n_iter": "`len(history_.loss)` counts the epochs, and "
        "`history_.updates_per_epoch.sum()` the updates",
        "update updates n_updates t": "`history_.updates_per_epoch.sum()` counts the updates, and "
        "`history_.path_update` has those of the path",
        "history keys items values get as_dict asdict dict data records "
        "columns": "`history_.to_dict()` has the columns by name",
        "df to_df to_frame dataframe to_pandas to_dataframe to_polars "
        "to_csv": "`pandas.DataFrame(history_.to_dict())`",
        "plot draw show": "write `plot.loss_curve(history_)`, with `from gradwalk import plot`",
        "plot_path": "write `plot.contour_paths(model, X, y)`, with `from gradwalk import plot`",
        "summary": "`history_.verdict.sentence` says how the walk went",
        "final_loss last_loss": "`history_.loss[-1]`",
        "best_loss min_loss": "`history_.loss.min()`",
    },
    "step": {
        "cost j error value objective f mse": "`step.loss`",
        "theta thetas w weights weight coef param params b bias parameters "
        "x": "`step.params` is θ, the intercept first",
        "theta_before w_before old_params previous params_old theta_old": "`step.params_before`",
        "lr eta alpha rate step_size": "`step.learning_rate`",
        "gradient gradients g jac grads": "`step.grad`",
        "t i n iteration iter n_iter n_updates updates step k": "`step.update` counts updates, and "
        "`step.epoch` epochs, both from 1",
        "epochs n_epochs": "`step.epoch`",
        "batch indices idx index row batch_indices": "`step.rows`",
        "accuracy score metrics": "not recorded: it can be taken from `step.params`",
        "val_loss validation_loss": "`model.history_.validation_loss` has it after each epoch",
        "history": "`model.history_`, of the model that walks",
    },
    "result": {
        "theta params w weights coef xmin x_min argmin solution minimum "
        "point": "`result.x` is where the walk ended",
        "cost loss f value fval fmin fx loss_value objective y": "`result.fun` is f(x)",
        "losses loss_curve cost_history costs loss_history funs values": "`result.history.loss` "
        "has the loss of each epoch",
        "n_iter n_iterations iterations niter n_updates iter num_iters": "`result.nit` counts "
        "updates",
        "converged": "`result.success`",
        "stop_reason": "`result.message`",
        "xs trajectory x_history points all_x allvecs": "`result.path` has x along the walk",
        "grad jac gradient hess hess_inv": "not kept; `result.history.grad_norm` has its norm",
        "verdict": "`result.history.verdict`",
        "learning_rate": "`result.history.learning_rate`",
        "plot draw": "write `plot.loss_curve(result)`, with `from gradwalk import plot`",
    },
    # --- Names in modules ----------------------------------------------------------------------
    "gradwalk": {
        "minimize fmin optimize minimise": "it is a method: "
        "`gw.BatchGD(learning_rate=0.1).minimize(fun, [1.0])`",
        "linearregression linear_regression lr gdregressor regressor sgdregressor": "write "
        "`gw.BatchGD()` for least squares, or `gw.SGD()`, row by row",
        "ridge": "write `gw.BatchGD(l2=0.1)`",
        "lasso": "write `gw.BatchGD(l1=0.1)`",
        "elasticnet": "write `gw.BatchGD(l1=0.1, l2=0.1)`",
        "logisticregression logistic_regression classifier sgdclassifier gdclassifier": "write "
        '`gw.BatchGD("log_loss")`, or `gw.SGD("log_loss")`, row by row',
        "softmaxregression softmax_regression softmax": 'write `gw.BatchGD("cross_entropy")`',
        "svm svc linearsvc": 'write `gw.SGD("hinge", l2=0.01)`',
        "adaline adalinegd neuron": 'write `gw.BatchGD("half_mse")`',
        "adalinesgd": 'write `gw.SGD("half_mse")`',
        "perceptron": 'write `gw.SGD("perceptron", learning_rate=1.0)`',
        "gd bgd gradientdescentregressor batchgradientdescent gradient_descent batch_gd descent "
        "batch_gradient_descent batch vanillagd": "write `gw.BatchGD()`",
        "stochasticgd stochasticgradientdescent stochastic_gradient_descent "
        "stochastic": "write `gw.SGD()`",
        "minibatchsgd mbgd minibatchgradientdescent mini_batch_gd minibatch mini_batch mbsgd "
        "mini_batch_gradient_descent": "write `gw.MiniBatchGD(batch_size=32)`",
        "nag": "it is a rule: `gw.SGD(rule=gw.rules.Nesterov(0.9))`",
        "amsgrad": _AMSGRAD,
        "adamax nadam": "not built in; the nearest is `gw.SGD(rule=gw.rules.Adam())`",
        "lbfgs newton newtonmethod cg": "not built in: gradwalk goes by the gradient alone",
        "optim optimizers optimizer optimisers": "the methods are `gw.BatchGD`, `gw.SGD` and "
        "`gw.MiniBatchGD`, and the update rules are in `gw.rules`",
        "losses loss metrics": 'a loss is a word, one of `gw.LOSSES`: `gw.BatchGD(loss="mse")`',
        "fit train": "it is a method: `gw.BatchGD().fit(X, y)`",
        "predict score": "it is a method of a model: `gw.BatchGD().fit(X, y).predict(X)`",
        "gradient grad cost loss_fn compute_cost compute_gradient loss_function mse cost_function "
        "value_and_grad": "`gw.loss_and_grad(X, y, model.params_)` has both",
        "save dump": '`model.save("walk.npz")`',
        "scheduler lr_scheduler schedule learning_rate_schedule": "`gw.schedules` has them",
        "standardscaler scaler standardize scale normalize minmaxscaler": "not built in: "
        "`X = (X - X.mean(axis=0)) / X.std(axis=0)`",
        "train_test_split": "not built in; `model.fit(X, y, validation=0.2)` holds rows out",
        "functions surfaces test_functions": "`gw.landscapes` has them",
        "gridsearch gridsearchcv grid_search": "`gw.sweep(gw.BatchGD(), X, y, "
        "learning_rate=[0.01, 0.1])`",
        "plt pyplot plotting viz": "`gw.plot` has the pictures",
        "max_lr lr_max lipschitz": "`gw.max_learning_rate(X, y)`",
    },
    "gradwalk.rules": {
        "sgd gd plain vanilla none batchgd constant": "plain gradient descent is no rule, but "
        "`rule=None`",
        "nag nesterovmomentum nesterov_momentum": "write `gw.rules.Nesterov(0.9)`",
        "heavyball polyak sgdmomentum": "write `gw.rules.Momentum(0.9)`",
        "amsgrad": _AMSGRAD,
        "adamax nadam yogi lion": "not built in; the nearest is `gw.rules.Adam()`",
        "lbfgs newton": "not built in: a rule takes the gradient of one batch",
    },
    "gradwalk.schedules": {
        "exponentialdecay exponentiallr exp exponential_decay": "write "
        "`gw.schedules.Exponential(0.1, decay=0.999)`",
        "linearlr lineardecay polynomial polynomialdecay": "write `gw.schedules.Linear(0.1, 1000)`",
        "onecyclelr cycliclr": "write `gw.schedules.OneCycle(0.1, 1000)`",
        "multistep multisteplr piecewise piecewiseconstant piecewiseconstantdecay": "not built in; "
        "a function of the update counter does it: "
        "`learning_rate=lambda t: 0.1 if t < 100 else 0.01`",
        "steplr step staircase": "write `gw.schedules.StepDecay(0.1, factor=0.5, every=1000)`",
        "cosinedecay cosineannealing cosineannealinglr": "write `gw.schedules.Cosine(0.1, 1000)`",
        "cosineannealingwarmrestarts cosinerestarts cosinedecayrestarts sgdr": "write "
        "`gw.schedules.Cosine(0.1, 100, cycles=5, stretch=2)`",
        "inversetimedecay timedecay timebaseddecay inverse invscaling inversetime "
        "inversedecay": "write `gw.schedules.InverseScaling(0.1, tau=100)`",
        "reducelronplateau reduceonplateau plateau adaptive": "not built in; "
        "`gw.schedules.StepDecay(0.1, factor=0.5, every=1000)` falls by plan",
        "lambdalr function custom": "a function of the update counter does it: "
        "`learning_rate=lambda t: 0.1 / (1 + t)`",
        "linearwarmup warmuplr": "write `gw.schedules.Warmup(10, gw.schedules.Constant(0.1))`",
        "fixed constantlr": "write `gw.schedules.Constant(0.1)`",
    },
    "gradwalk.plot": {
        "contour contours contourf contour_path plot_contour loss_contour path paths trajectory "
        "plot_path trajectories descent": "write `plot.contour_paths(model, X, y)`",
        "surface plot_surface surface3d plot3d loss_surface": "write "
        "`plot.surface_path(model, X, y)`",
        "boundary decision_regions plot_decision_regions plot_decision_boundary decision "
        "decision_region regions": "write `plot.decision_boundary(classifier, X, y)`",
        "loss cost losses costs plot_loss plot_cost loss_history cost_history learning_curve "
        "history curve curves cost_curve plot_history plot": "write `plot.loss_curve(model)`",
        "time loss_time": "write `plot.loss_vs_time(model)`",
        "fit fits regression line regression_line plot_fit fitted": "write "
        "`plot.fit_evolution(model, X, y)`",
        "animation anim gif": "write `plot.animate(model, X, y)`",
        "field quiver gradients": "write `plot.gradient_field(model, X, y)`",
        "noise": "write `plot.gradient_noise(model, X, y)`",
        "slopes tangent": "write `plot.tangents(result, fun=fun)`",
        "trace show_trace descent_1d walk": "write `plot.trace_1d(result, fun=fun)`",
        "comparison compare compare_methods": "write "
        '`plot.method_comparison({"batch": model, "again": model}, X, y)`',
        "learning_rates lr_finder learning_rate lrs": "write `plot.learning_rate_sweep(X, y)`",
        "batch_sizes batch_size": "`plot.batch_size_sweep` draws it",
        "escape": "`plot.escape_map` draws it",
        "plateaus": "`plot.plateau` draws it",
        "scaling": "`plot.scaling_contours` draws it",
        "accuracy confusion_matrix roc residuals weights metrics": "no helper has it: draw it with "
        "Matplotlib from `model.predict(X)` or `model.history_`",
        "set_style style": "pictures take Matplotlib's own settings: `plt.rcParams`",
    },
}
