"""Cells of kinds that were found to be misread, one of each."""

from functools import partial

from .cell import BARE, binary, cell, classes, column, line, table

kind = partial(cell, BARE)


def signs():
    """Two features, labels −1 and 1."""
    held = binary()
    return held | {"y": 2 * held["y"] - 1}


def with_counts():
    """Powers of ten that overflow."""
    held = line()
    return {"x": (100 * held["x"]).tolist(), "y": held["y"].tolist()}


kind(
    "perceptron",
    signs,
    """
w=np.zeros(2); b=0.0; lr=1.0
for epoch in range(10):
    for xi, t in zip(X, y):
        if t*(w@xi+b) <= 0:
            w += lr*t*xi
            b += lr*t
""",
    loss="perceptron",
)

kind(
    "a_step_that_is_no_slope",
    binary,
    """
w=np.zeros(2); b=0.0; lr=0.1
for epoch in range(10):
    for xi, t in zip(X, y):
        y_hat = 1 if np.dot(w, xi)+b >= 0 else 0
        w += lr*(t-y_hat)*xi
        b += lr*(t-y_hat)
""",
    missing="loss",
)

kind(
    "support_vectors_row_by_row",
    signs,
    """
w=np.zeros(2); b=0; lr=0.001; lambda_param=0.01
for _ in range(30):
    for idx, x_i in enumerate(X):
        condition = y[idx]*(np.dot(x_i,w)-b) >= 1
        if condition:
            w -= lr*(2*lambda_param*w)
        else:
            w -= lr*(2*lambda_param*w - np.dot(x_i,y[idx]))
            b -= lr*y[idx]
""",
    loss="hinge",
)

kind(
    "two_loops_in_a_cell",
    table,
    """
w=np.zeros(3); lr=.1
for i in range(20):
    w -= lr*X.T@(X@w-y)/len(y)
w2=np.zeros(3)
for i in range(20):
    for j in np.random.permutation(len(y)):
        w2 -= .01*X[j]*(X[j]@w2-y[j])
""",
    loss="half_mse",
)

kind(
    "squared_error_of_a_sigmoid",
    binary,
    """
w=np.zeros(2); b=0; lr=.5
for i in range(50):
    p=1/(1+np.exp(-(X@w+b)))
    d=2*(p-y)*p*(1-p)
    w-=lr*X.T@d/len(y); b-=lr*d.mean()
""",
    loss="sigmoid_mse",
)

kind(
    "half_of_it",
    binary,
    """
w=np.zeros(2); b=0; lr=.5
for i in range(50):
    p=1/(1+np.exp(-(X@w+b)))
    d=(p-y)*p*(1-p)
    w-=lr*X.T@d/len(y); b-=lr*d.mean()
""",
    loss="sigmoid_mse",
)

kind(
    "log_of_base_ten",
    binary,
    """
w=np.zeros(2); b=0; lr=.5; J=[]
for i in range(50):
    p=1/(1+np.exp(-(X@w+b)))
    J.append(-np.mean(y*np.log10(p)+(1-y)*np.log10(1-p)))
    w-=lr*X.T@(p-y)/len(y); b-=lr*(p-y).mean()
""",
    "log of another base",
    loss="log_loss",
)

kind(
    "roots_of_the_loss",
    table,
    """
w=np.zeros(3); lr=.1; errors=[]
for i in range(50):
    e=X@w-y
    errors.append((e**2).mean()**0.5)
    w-=lr*X.T@e/len(y)
""",
    loss="half_mse",
)

kind(
    "a_step_with_its_rate_in_it",
    line,
    """
theta = np.array([0.,0.])
alpha=0.01
X = np.vstack([np.ones(len(x)), x]).T
m=len(x)
cost=[]
for i in range(100):
    predictions = X.dot(theta)
    errors = np.subtract(predictions, y)
    sum_delta = (alpha / m) * X.transpose().dot(errors)
    theta = theta - sum_delta
    cost.append(np.sum(np.square(errors))/(2*m))
""",
    loss="half_mse",
)

kind(
    "loss_summed_in_the_epoch",
    table,
    """
w=np.zeros(3); b=0; lr=.02; hist=[]
for ep in range(10):
    L=0
    for k in np.random.permutation(len(X)):
        yh=X[k]@w+b; L+=(yh-y[k])**2
        w=w-lr*2*(yh-y[k])*X[k]; b=b-lr*2*(yh-y[k])
    hist.append(L/len(X))
""",
    loss="mse",
)

kind(
    "gradient_of_what_the_notebook_has",
    line,
    """
def grad(w,b):
    e=w*x+b-y
    return 2*(e*x).mean(), 2*e.mean()
w,b=0.,0.
for i in range(50):
    dw,db=grad(w,b)
    w-=0.1*dw; b-=0.1*db
""",
    loss="mse",
)

kind(
    "softmax_of_a_function",
    classes,
    """
def softmax(z):
    e=np.exp(z-z.max(axis=1,keepdims=True)); return e/e.sum(axis=1,keepdims=True)
W=np.zeros((X.shape[1]+1,3)); Xb=np.c_[np.ones(len(X)),X]
Y=np.eye(3)[y]
eta=0.1
for epoch in range(100):
    P=softmax(Xb@W)
    if epoch%20==0:
        loss=-np.mean(np.log(np.sum(P*Y,axis=1)))
        acc=(P.argmax(1)==y).mean()
        print(epoch,loss,acc)
    W=W-eta*Xb.T@(P-Y)/len(X)
""",
    loss="cross_entropy",
)

kind(
    "overflows_before_it_breaks",
    with_counts,
    """
w = 0.0
b = 0.0
lr = 0.5
for i in range(400):
    e = [w * a + b - t for a, t in zip(x, y)]
    if sum(r ** 2 for r in e) / len(e) < 1e-12:
        break
    w -= lr * 2 * sum(r * a for r, a in zip(e, x)) / len(x)
    b -= lr * 2 * sum(e) / len(x)
""",
    "rate above the limit",
    loss="mse",
)

kind(
    "a_row_with_its_one",
    table,
    """
theta = np.zeros(4)
eta = 0.01
for epoch in range(6):
    for i in np.random.permutation(len(y)):
        row = np.r_[1, X[i]]
        theta = theta - eta * (row @ theta - y[i]) * row
""",
    loss="half_mse",
)

kind(
    "a_gradient_at_the_theta_before",
    table,
    """
A = np.c_[np.ones(len(X)), X]
theta = np.zeros(4)
old = theta.copy()
lr = 0.1
for i in range(20):
    grad = A.T @ (A @ old - y) / len(y)
    old = theta
    theta = theta - lr * grad
""",
    "stale gradient",
    loss="half_mse",
)

kind(
    "a_bias_that_is_never_moved",
    table,
    """
w = np.zeros(3)
b = 0.5
lr = 0.1
for i in range(20):
    err = X @ w + b - y
    w -= lr * X.T @ err / len(y)
""",
    "bias not updated",
    loss="half_mse",
)

kind(
    "a_rate_of_a_function",
    column,
    """
A = np.c_[np.ones(len(X)), X]
theta = np.zeros((2, 1))
lr = lambda t: 0.2 / (1 + t)
for t in range(40):
    theta = theta - lr(t) * A.T @ (A @ theta - y) / len(y)
""",
    loss="half_mse",
)

kind(
    "sums_with_their_losses",
    line,
    """
w, b = 0.0, 0.0
lr = 0.001
errors = []
for i in range(50):
    r = w * x + b - y
    errors.append((r ** 2).sum())
    w = w - lr * 2 * (r * x).sum()
    b = b - lr * 2 * r.sum()
""",
    loss="mse",
)

kind(
    "a_bar_that_tells_the_loss",
    line,
    """
from tqdm import tqdm
w, b = 0.0, 0.0
bar = tqdm(range(40))
for epoch in bar:
    r = w * x + b - y
    w -= 0.1 * (r * x).mean()
    b -= 0.1 * r.mean()
    bar.set_postfix(loss=(r ** 2).mean())
""",
    loss="half_mse",
)
