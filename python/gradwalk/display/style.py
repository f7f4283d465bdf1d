"""The look of a card: light and dark, by the page or by the system.

Every selector begins with the card's own class, so nothing else on the page changes. The class is
written three times because notebooks style tables, too, and the longer selector wins.
"""

from __future__ import annotations

_LIGHT = """
--gradwalk-ink:#1f2328;--gradwalk-dim:#57606a;--gradwalk-line:#d0d7de;--gradwalk-paper:#fff;
--gradwalk-curve:#0b5f9e;--gradwalk-good:#14602d;--gradwalk-good-tint:#dff3e4;
--gradwalk-going:#0a4f8f;--gradwalk-going-tint:#ddeeff;--gradwalk-warn:#734700;
--gradwalk-warn-tint:#fff0c7;--gradwalk-bad:#9a1c1c;--gradwalk-bad-tint:#ffe3e0;
--gradwalk-flat:#573a8c;--gradwalk-flat-tint:#efe7fb;--gradwalk-none-tint:#eaeef2
"""

_DARK = """
--gradwalk-ink:#e6edf3;--gradwalk-dim:#a4aeb9;--gradwalk-line:#444c56;--gradwalk-paper:#111;
--gradwalk-curve:#6cb6ff;--gradwalk-good:#9be3b0;--gradwalk-good-tint:#12361f;
--gradwalk-going:#a5d3ff;--gradwalk-going-tint:#11314f;--gradwalk-warn:#f5d280;
--gradwalk-warn-tint:#43320a;--gradwalk-bad:#ffb3ab;--gradwalk-bad-tint:#541a17;
--gradwalk-flat:#d6c2fb;--gradwalk-flat-tint:#35264f;--gradwalk-none-tint:#2d333b
"""

# Where a page says which theme it has, that counts, and not what the system has: JupyterLab and
# nbconvert, VS Code, Colab, and documentation pages.
_IS_LIGHT = (
    'body[data-jp-theme-light="true"]',
    "body.vscode-light",
    "body.vscode-high-contrast-light",
    'html[theme="light"]',
    'html[data-theme="light"]',
)
_IS_DARK = (
    'body[data-jp-theme-light="false"]',
    "body.vscode-dark",
    "body.vscode-high-contrast:not(.vscode-high-contrast-light)",
    'html[theme="dark"]',
    'html[data-theme="dark"]',
)

_BADGES = "".join(
    f".gradwalk-card.gradwalk-card.gradwalk-card .gradwalk-{name}{{"
    f"color:var(--gradwalk-{name});background:var(--gradwalk-{name}-tint)}}"
    for name in ("good", "going", "warn", "bad", "flat")
)

# Ink and paper come from the theme together, or neither does: nbviewer stays white at night.
_RULES = """
&{color:var(--jp-content-font-color1,var(--vscode-editor-foreground,var(--gradwalk-ink)));
background:var(--jp-layout-color0,var(--vscode-editor-background,var(--gradwalk-paper)));
border:1px solid var(--gradwalk-line);border-radius:6px;padding:10px 14px;margin:4px 0;
max-width:54em;box-sizing:border-box;font-size:13px;line-height:1.45;text-align:left;
font-family:system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans","NanumGothic","Malgun Gothic",
"Apple SD Gothic Neo",sans-serif;overflow-wrap:anywhere;word-break:keep-all}
& .gradwalk-head{display:flex;flex-wrap:wrap;gap:4px 10px;align-items:center}
& .gradwalk-name{font-size:15px;font-weight:600}
& .gradwalk-badge{border-radius:10px;padding:1px 9px;font-weight:600;font-size:12px;
background:var(--gradwalk-none-tint)}
& p{margin:6px 0 0;font-size:13px;line-height:1.45}
& .gradwalk-dim,& caption{color:var(--gradwalk-dim)}
& .gradwalk-body{display:flex;flex-wrap:wrap;gap:8px 28px;align-items:flex-start;margin-top:8px}
& .gradwalk-wide{overflow-x:auto}
& table.gradwalk-table{border-collapse:collapse;border:0;margin:0;width:auto;font-size:13px;
table-layout:auto;color:inherit;background:none}
& table.gradwalk-table caption{text-align:left;caption-side:top;padding:0 0 2px;font-size:12px}
& table.gradwalk-table tr{background:none;border:0;border-bottom:1px solid var(--gradwalk-line)}
& table.gradwalk-table tr:last-child{border-bottom:0}
& table.gradwalk-table thead tr:last-child{border-bottom:1px solid var(--gradwalk-line)}
& table.gradwalk-table th,& table.gradwalk-table td{border:0;padding:2px 0 2px 14px;
text-align:right;vertical-align:top;font-size:13px;font-weight:400;color:inherit;
background:none;white-space:normal;max-width:none;line-height:1.45}
& table.gradwalk-table td{font-variant-numeric:tabular-nums}
& table.gradwalk-table thead th{color:var(--gradwalk-dim)}
& table.gradwalk-table th:first-child{text-align:left;padding-left:0;white-space:nowrap;
color:var(--gradwalk-dim)}
& table.gradwalk-table td.gradwalk-text{text-align:left}
& table.gradwalk-table .gradwalk-set th,& table.gradwalk-table .gradwalk-set td{
color:inherit;font-weight:600}
& details{margin:8px 0 0}
& summary{cursor:pointer;display:list-item;color:inherit}
& details table{margin-top:4px}
& code{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,"D2Coding",monospace;font-size:12px;
background:none;color:inherit;padding:0;border:0;white-space:pre-wrap}
& figure{margin:0;flex:1 1 250px;max-width:330px}
& svg{display:block;width:100%;height:auto;max-width:330px;overflow:visible}
& svg text{fill:var(--gradwalk-dim);font-size:11px;font-variant-numeric:tabular-nums}
& .gradwalk-axis{stroke:var(--gradwalk-line)}
& .gradwalk-curve{stroke:var(--gradwalk-curve)}
& .gradwalk-own{stroke:var(--gradwalk-bad)}
& .gradwalk-end{fill:var(--gradwalk-curve)}
& .gradwalk-gone{fill:var(--gradwalk-bad);stroke:none}
& svg text.gradwalk-gone{font-weight:600}
"""


#: Themes by name; of a card that is "auto" the page says it, or the system.
THEMES = ("auto", "light", "dark")

_theme = "auto"


def set_theme(theme: str) -> None:
    """Draw cards from now on in the theme of the page ("auto"), or "light", or "dark"."""
    global _theme
    if theme not in THEMES:
        raise ValueError(f'theme must be "auto", "light" or "dark", got {theme!r}')
    _theme = theme


def chosen_theme() -> str:
    """Return the theme that was asked for."""
    return _theme


def _style() -> str:
    card = ".gradwalk-card"
    light, dark = _LIGHT.replace("\n", ""), _DARK.replace("\n", "")
    sheet = [
        f"{card}{{{light}}}",
        f"@media (prefers-color-scheme:dark){{{card}{{{dark}}}}}",
        ",".join(f"{page} {card}" for page in _IS_LIGHT) + f"{{{light}}}",
        ",".join(f"{page} {card}" for page in _IS_DARK) + f"{{{dark}}}",
        _RULES.replace("&", card * 3).replace("\n", ""),
        _BADGES,
        *(
            f"{card}{card}.gradwalk-theme-{name}{{{palette}}}"
            f"{card * 3}.gradwalk-theme-{name}{{color:var(--gradwalk-ink);"
            "background:var(--gradwalk-paper)}"
            for name, palette in (("light", light), ("dark", dark))
        ),
    ]
    return "".join(sheet)


#: The sheet that every card carries with it, so that an exported notebook keeps its look.
STYLE = _style()
