"""Texts that would be scripts: each way into HTML with each way to say code, and those of `test_safe_html`.

What they would run is `alert(1)`, which a test hears of.
"""

from __future__ import annotations

from collections.abc import Iterator

from tests.web.markdown.test_safe_html import ATTACKS

RUN = "alert(1)"
# An address that is code, as browsers read it and as filters may not.
CODE = (
    f"javascript:{RUN}",
    f"JaVaScRiPt:{RUN}",
    f"java\tscript:{RUN}",
    f"java&#10;script:{RUN}",
    f"java&Tab;script:{RUN}",
    f"&#106;avascript:{RUN}",
    f"&#x6A;avascript:{RUN}",
    f"&#0000106avascript:{RUN}",
    f"javascript&colon;{RUN}",
    f"javascript&#58;{RUN}",
    f"\x01javascript:{RUN}",
    f"%6Aavascript:{RUN}",
    f"javascript:/*//x.example*/{RUN}",
    f"javascript://x.example/%0A{RUN}",
    f"data:text/html,<script>{RUN}</script>",
    "data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==",
    f"data:image/svg+xml,<svg onload={RUN} xmlns='http://www.w3.org/2000/svg'/>",
    f"vbscript:{RUN}",
    f"view-source:javascript:{RUN}",
    f"blob:javascript:{RUN}",
)
# What takes an address.
TAKES_ADDRESS = (
    '<a href="{}">x</a>',
    "<a href={}>x</a>",
    '<svg><a xlink:href="{}"><text>x</text></a></svg>',
    '<iframe src="{}"></iframe>',
    '<object data="{}"></object>',
    '<form action="{}"><input type=submit></form>',
    '<button form=x formaction="{}">x</button>',
    '<img src="{}">',
    "[x]({})",
    "[x](<{}>)",
    "![x]({})",
    "[x]: {}\n\n[x] ![x]",
    "<{}>",
    '<meta http-equiv=refresh content="0;url={}">',
)
# What happens to an element, and elements to which it happens without anybody's doing.
EVENTS = (
    *("onload", "onerror", "onfocus", "onanimationstart", "ontoggle", "onbegin", "onstart", "onpageshow"),
    *("onmouseover", "onclick", "onpointerenter", "onscroll", "onbeforeinput"),
)
HEARS = (
    "<img src=x {}={}>",
    "<svg {}={}>",
    "<svg/{}={}>",
    "<body {}={}>",
    "<input autofocus {}={}>",
    "<details open {}={}>",
    "<video><source {}={}></video>",
    "<marquee {}={}>x</marquee>",
    "<x {}={} tabindex=1 style=animation-name:x>x</x>",
)  # fmt: skip


def corpus() -> Iterator[str]:
    """Each once."""
    yield from ATTACKS
    yield from (way.format(code) for way in TAKES_ADDRESS for code in CODE)
    yield from (way.format(event, RUN) for way in HEARS for event in EVENTS)
