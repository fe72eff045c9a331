"""Pictures of every page, wide and narrow, for docs/screens: `make screens` (ARGS="health people": of those pages)."""

import asyncio
import sys
import tempfile
from collections.abc import Collection
from pathlib import Path

from playwright.async_api import FloatRect

from tests.chromium import a_chromium
from tests.console.house import NARROW, WIDE, House, Visitor, a_house
from tests.console.places import everywhere
from tests.databases import embedded_server

_HIGHEST = 1400
SCREENS = Path(__file__).resolve().parents[2] / "docs" / "screens"


async def _pictures(house: House, wanted: Collection[str]) -> None:
    await house.lived_in()
    for scheme, size in (("light", WIDE), ("light", NARROW)):
        visitors: dict[str, Visitor] = {}
        if not wanted:
            stranger = await house.visitor(viewport=size, color_scheme=scheme)
            await stranger.open()
            await stranger.reads("Sign in to MemberPulse")
            await _picture(stranger, "sign-in", scheme, size)
        for place in await everywhere(house):
            if wanted and place.name not in wanted:
                continue
            if place.email not in visitors:
                visitors[place.email] = await house.visitor(viewport=size, color_scheme=scheme)
                await visitors[place.email].sign_in(place.email)
            visitor = visitors[place.email]
            await visitor.open(place.path)
            await visitor.settled(place.heading)
            await _picture(visitor, place.name, scheme, size)


async def _picture(visitor: Visitor, name: str, scheme: str, size: dict[str, int]) -> None:
    path = SCREENS / f"{name}-{size['width']}{'-dark' if scheme == 'dark' else ''}.png"
    height = min(await visitor.page.evaluate("document.documentElement.scrollHeight"), _HIGHEST)
    clip: FloatRect = {"x": 0, "y": 0, "width": size["width"], "height": height}
    await visitor.page.screenshot(path=path, full_page=True, clip=clip)
    sys.stdout.write(f"{path.name}: {path.stat().st_size // 1000} kB\n")


async def _main() -> None:
    SCREENS.mkdir(parents=True, exist_ok=True)
    with embedded_server() as server, tempfile.TemporaryDirectory() as folder:
        async with a_chromium() as chromium, a_house(server.join("postgres"), chromium, Path(folder)) as house:
            await _pictures(house, sys.argv[1:])


if __name__ == "__main__":
    asyncio.run(_main())
