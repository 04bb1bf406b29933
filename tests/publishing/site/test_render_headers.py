"""The header set of the public surface, pinned."""

from inspections.surface.headers import draw_page_policy, page_policy, public_headers
from publishing.site.styles import BUNDLES, small, style, style_hashes, without_unused_tokens
from tests.publishing.site.gallery import gallery
from tests.publishing.site.page_checks import parsed


def test_the_whole_header_set_is_pinned() -> None:
    assert public_headers(("sha256-a", "sha256-b")) == {
        "Content-Security-Policy": (
            "default-src 'none';style-src 'sha256-a' 'sha256-b';img-src 'self' data:;"
            "form-action 'self';base-uri 'none';frame-ancestors 'none'"
        ),
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Referrer-Policy": "no-referrer",
        "Permissions-Policy": (
            "accelerometer=(), autoplay=(), camera=(), display-capture=(), fullscreen=(), geolocation=(), "
            "gyroscope=(), microphone=(), midi=(), payment=(), usb=()"
        ),
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Cache-Control": "no-cache",
    }


def test_a_site_under_https_asks_to_stay_there() -> None:
    assert public_headers((), https=True)["Strict-Transport-Security"] == "max-age=31536000"


def test_no_policy_allows_scripts_or_unsafe_styles() -> None:
    policy = public_headers(style_hashes())["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "script-src" not in policy


def test_every_page_carries_a_style_that_the_header_allows_and_repeats_the_policy_itself() -> None:
    allowed = public_headers(style_hashes())["Content-Security-Policy"]
    by_text = {style(bundle).text: style(bundle).source_hash for bundle in BUNDLES}
    for name, page in gallery().items():
        soup = parsed(page)
        source_hash = by_text[str(soup.select("style")[0].string)]
        assert source_hash in allowed
        meta = soup.select_one("meta[http-equiv=Content-Security-Policy]")
        assert meta is not None
        policy = draw_page_policy if name.startswith("draw:") else page_policy
        assert meta["content"] == policy([source_hash])


def test_a_style_sheet_is_made_small_without_changing_what_it_says() -> None:
    css = '/* a */\na > b ,\n c::before { color: red ; width: calc(50% - 1em); content: "✓ "; }\n'
    assert small(css) == 'a>b,c::before{color:red;width:calc(50% - 1em);content:"✓ "}'


def test_a_page_carries_only_the_tokens_that_it_uses() -> None:
    assert (
        without_unused_tokens(":root{--a:1px;--b:2px;--c:#fff}p{margin:var(--b)}")
        == ":root{--b:2px;}p{margin:var(--b)}"
    )
