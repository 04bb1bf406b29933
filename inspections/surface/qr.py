"""QR codes as rows of modules and as SVG: the same bytes on each run. The only module that knows qrcode."""

import qrcode
from qrcode.constants import ERROR_CORRECT_Q

QUIET_ZONE = 4
# Level Q reads with a quarter of the code dirty or torn. The pattern is fixed: choosing it anew for each
# code takes seven times as long and gains little (the mean penalty of pattern 0 is a tenth above the best).
_MASK_PATTERN = 0

Rows = list[list[bool]]


def qr_rows(url: str) -> Rows:
    """The modules of the code row by row, dark ones true, without a quiet zone."""
    code = qrcode.QRCode(error_correction=ERROR_CORRECT_Q, mask_pattern=_MASK_PATTERN, border=0)
    code.add_data(url, optimize=0)
    code.make(fit=True)
    return [[bool(module) for module in row] for row in code.modules]


def qr_svg(url: str) -> str:
    """The code with its quiet zone as an SVG of one path, one unit per module."""
    return svg_of(qr_rows(url))


def svg_of(rows: Rows) -> str:
    """The SVG of modules that are known already."""
    size = len(rows) + 2 * QUIET_ZONE
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size} {size}" shape-rendering="crispEdges">'
        f'<path fill="#fff" d="M0 0h{size}v{size}H0z"/><path d="{_outline(rows)}"/></svg>'
    )


def _outline(rows: Rows) -> str:
    """One rectangle for each run of dark modules in a row."""
    parts = []
    for y, row in enumerate(rows, QUIET_ZONE):
        start = None
        for x, dark in enumerate([*row, False], QUIET_ZONE):
            if dark and start is None:
                start = x
            elif not dark and start is not None:
                parts.append(f"M{start} {y}h{x - start}v1H{start}z")
                start = None
    return "".join(parts)
