"""PyTorch on the CPU: the loop of its tutorials, and gradients by hand without autograd.

The tutorials' loop is nn.Linear, a loss of torch.nn, torch.optim.SGD and a DataLoader. By hand,
a batch is one index_select, and an update is two fused products that write in place.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch.utils.data import DataLoader, TensorDataset

from peers import Forms, Run, fused


def forms(work: Any, X: np.ndarray, y: np.ndarray, options: dict[str, Any]) -> Forms:
    """Give the loops of a method, with one thread and with all."""
    if work.method == "sgd":
        return {}
    data = torch.from_numpy(X), torch.from_numpy(y)
    cores = torch.get_num_threads()
    hand = {"mse": linear, "log_loss": linear, "cross_entropy": softmax}[work.loss]
    if work.method == "batch":
        found = {"by hand": batch(work, *data), "autograd": autograd(work, *data, whole)}
    else:
        found = {
            "by hand": hand(work, *data),
            "autograd, index_select": autograd(work, *data, selected),
            "autograd, DataLoader": autograd(work, *data, loader),
        }
    threads = {"": cores, ", 1 thread": 1}
    return {
        name + words: with_threads(run, count)
        for name, run in found.items()
        for words, count in threads.items()
    }


def with_threads(run: Run, count: int) -> Run:
    """Make a run with so many threads."""

    def set_first(epochs: int, seed: int) -> np.ndarray:
        torch.set_num_threads(count)
        torch.manual_seed(seed)
        return run(epochs, seed)

    return set_first


def batch(work: Any, X: torch.Tensor, y: torch.Tensor) -> Run:
    """Walk over all rows at once, by hand."""
    rate = (2 if work.loss == "mse" else 1) * work.learning_rate / len(X)

    @torch.inference_mode()
    def run(epochs: int, seed: int) -> np.ndarray:
        w, b, r = torch.zeros(X.shape[1], dtype=X.dtype), torch.zeros(1, dtype=X.dtype), y.clone()
        for _ in range(epochs):
            torch.mv(X, w, out=r)
            r += b
            if work.loss == "log_loss":
                r.sigmoid_()
            r -= y
            w.addmv_(X.T, r, alpha=-rate)
            b -= rate * r.sum()
        return fused(b, w)

    return run


def linear(work: Any, X: torch.Tensor, y: torch.Tensor) -> Run:
    """Walk along batches of mse, by hand."""

    @torch.inference_mode()
    def run(epochs: int, seed: int) -> np.ndarray:
        w, b = torch.zeros(X.shape[1], dtype=X.dtype), torch.zeros(1, dtype=X.dtype)
        for _ in range(epochs):
            order = torch.randperm(len(X))
            for rows, target in zip(
                order.split(work.batch_size), y[order].split(work.batch_size), strict=True
            ):
                X_batch = X.index_select(0, rows)
                r = torch.addmv(b, X_batch, w)
                r -= target
                rate = 2 * work.learning_rate / len(rows)
                w.addmv_(X_batch.T, r, alpha=-rate)
                b.sub_(r.sum(), alpha=rate)
        return fused(b, w)

    return run


def softmax(work: Any, X: torch.Tensor, y: torch.Tensor) -> Run:
    """Walk along batches of cross_entropy, by hand."""
    one_hot = torch.nn.functional.one_hot(y, work.data.n_classes).to(X.dtype)

    @torch.inference_mode()
    def run(epochs: int, seed: int) -> np.ndarray:
        w = torch.zeros(X.shape[1], work.data.n_classes, dtype=X.dtype)
        b = torch.zeros(work.data.n_classes, dtype=X.dtype)
        for _ in range(epochs):
            for rows in torch.randperm(len(X)).split(work.batch_size):
                X_batch = X.index_select(0, rows)
                p = torch.addmm(b, X_batch, w).softmax(1)
                p -= one_hot.index_select(0, rows)
                rate = work.learning_rate / len(rows)
                w.addmm_(X_batch.T, p, alpha=-rate)
                b.sub_(p.sum(0), alpha=rate)
        return fused(b, w)

    return run


def whole(work: Any, X: torch.Tensor, y: torch.Tensor) -> Any:
    """Give all rows at once."""
    return lambda: [(X, y)]


def selected(work: Any, X: torch.Tensor, y: torch.Tensor) -> Any:
    """Give batches by index_select."""

    def epoch() -> Any:
        for rows in torch.randperm(len(X)).split(work.batch_size):
            yield X.index_select(0, rows), y.index_select(0, rows)

    return epoch


def loader(work: Any, X: torch.Tensor, y: torch.Tensor) -> Any:
    """Give batches by a DataLoader."""
    batches = DataLoader(TensorDataset(X, y), batch_size=work.batch_size, shuffle=True)
    return lambda: batches


def autograd(work: Any, X: torch.Tensor, y: torch.Tensor, batches: Callable[..., Any]) -> Run:
    """Walk as the tutorials do."""
    loss_of = {
        "mse": torch.nn.MSELoss(),
        "log_loss": torch.nn.BCEWithLogitsLoss(),
        "cross_entropy": torch.nn.CrossEntropyLoss(),
    }[work.loss]
    outputs = work.data.n_classes or 1
    epoch = batches(work, X, y)

    def run(epochs: int, seed: int) -> np.ndarray:
        model = torch.nn.Linear(X.shape[1], outputs, dtype=X.dtype)
        for parameter in model.parameters():
            torch.nn.init.zeros_(parameter)
        optimizer = torch.optim.SGD(model.parameters(), lr=work.learning_rate)
        for _ in range(epochs):
            for X_batch, y_batch in epoch():
                score = model(X_batch)
                loss = loss_of(score if outputs > 1 else score.squeeze(1), y_batch)
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
        weights = model.weight.detach().T
        return fused(model.bias.detach(), weights if outputs > 1 else weights.squeeze(1))

    return run
