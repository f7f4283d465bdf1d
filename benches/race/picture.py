"""The race as one picture: how many times as long as gradwalk each peer took."""

from __future__ import annotations

from pathlib import Path
from typing import Any

# The colours of Okabe and Ito, from dark to light, and hatches: they differ in grey too.
STYLES = {
    "numpy": ("NumPy loop", "#0072B2", ""),
    "numba": ("numba", "#D55E00", "///"),
    "sklearn": ("scikit-learn", "#009E73", "..."),
    "torch": ("PyTorch", "#CC79A7", "xxx"),
    "jax": ("JAX", "#F0E442", ""),
}
BEHIND = {"facecolor": "white", "edgecolor": "none", "pad": 0.8}


def draw(everything: dict[str, Any], path: Path) -> None:
    """Draw a bar for each peer of each work, and a mark at the ratio asked for."""
    try:
        import matplotlib as mpl
    except ImportError:
        print("No picture: matplotlib is not installed.")
        return
    mpl.use("agg")
    from matplotlib import pyplot as plt
    from matplotlib.patches import Patch

    groups = [group for group in map(bars, everything["works"]) if group[1]]
    if not groups:
        return
    height = sum(len(group) + 1 for _, group in groups)
    figure, axes = plt.subplots(figsize=(9, 0.24 * height + 1.4), layout="constrained")
    place, ticks, used = 0.0, [], set()
    ratios = [bar[key] for _, group in groups for bar in group for key in ("ratio", "asked")]
    ratios = [ratio for ratio in ratios if ratio]
    for title, group in groups:
        ticks.append((place + (len(group) - 1) / 2, title))
        for bar in group:
            _, colour, hatch = STYLES[bar["peer"]]
            used.add(bar["peer"])
            axes.barh(
                place,
                bar["ratio"],
                0.82,
                color=colour,
                hatch=hatch,
                edgecolor="black",
                linewidth=0.6,
            )
            # Words stand clear of the mark, where it is near.
            is_near = bar["asked"] and bar["ratio"] < bar["asked"] < 5 * bar["ratio"]
            end = 1.08 * (bar["asked"] if is_near else bar["ratio"])
            axes.text(end, place, bar["words"], va="center", fontsize=7.5, bbox=BEHIND)
            if bar["asked"]:
                axes.plot(
                    [bar["asked"]] * 2, [place - 0.5, place + 0.5], color="black", linewidth=2.2
                )
            place += 1
        place += 1
    axes.axvline(1, color="black", linewidth=1)
    axes.set_xscale("log")
    axes.xaxis.set_major_formatter("{x:g} ×")
    axes.set_xlim(min(0.7, *ratios) / 1.5, max(ratios) * 8)
    axes.set_ylim(place - 0.5, -1)
    axes.set_yticks([y for y, _ in ticks], [title for _, title in ticks], fontsize=8)
    axes.tick_params(axis="y", length=0)
    axes.set_xlabel("gradwalk's own time = 1 (logarithmic)")
    axes.spines[["top", "right"]].set_visible(False)
    about = everything["machine"]
    quick = ", small data: for finding mistakes alone" if about["quick"] else ""
    axes.set_title(
        f"Medians of {about['rounds']} rounds on {about['cores']} cores, "
        f"{about['processor']}{quick}",
        fontsize=8.5,
    )
    handles = [
        Patch(facecolor=colour, hatch=hatch, edgecolor="black", label=name)
        for peer, (name, colour, hatch) in STYLES.items()
        if peer in used
    ]
    handles.append(plt.Line2D([], [], color="black", linewidth=2.2, label="asked for"))
    figure.legend(handles=handles, loc="outside lower center", ncols=6, fontsize=8, frameon=False)
    figure.savefig(path, dpi=150)
    plt.close(figure)


def bars(work: dict[str, Any]) -> tuple[str, list[dict[str, Any]]]:
    """Find the bars of a work: other libraries that did what gradwalk did at its defaults."""
    entries = {entry["name"]: entry for entry in work["entries"] if entry["time"]}
    if "gradwalk" not in entries:
        return "", []
    own = entries["gradwalk"]["time"]
    asked = {claim["against"]: claim["at_least"] for claim in work["claims"]}
    found = []
    for entry in entries.values():
        if entry["peer"] in STYLES and "F-ordered" not in entry["name"]:
            ratio = entry["time"] / own
            name = entry["name"].partition(", ")[2]
            words = f"{ratio:.3g} ×, {spoken(entry['time'])}" + (f" ({name})" if name else "")
            found.append(
                {
                    "peer": entry["peer"],
                    "ratio": ratio,
                    "words": words,
                    "asked": asked.get(entry["name"]),
                }
            )
    return f"{work['work']}\ngradwalk: {spoken(own)} an epoch", found


def spoken(seconds: float) -> str:
    """Write a time with its unit."""
    for size, unit in ((1, "s"), (1e-3, "ms"), (1e-6, "µs")):
        if seconds >= size:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds * 1e9:.3g} ns"
