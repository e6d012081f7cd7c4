"""No write is lost between browser and lab: many at once, of all sizes, to a lab that sometimes refuses early."""

from __future__ import annotations

import asyncio
import hashlib
import random
from pathlib import Path

import aiohttp
import pytest

from enclave.core.signing import SigningKey
from tests.scale import examples
from tests.unit.sandboxes.test_gateway_wire import LAB, World, run

WRITES = examples(300, 10_000)
AT_ONCE = 50


@pytest.mark.timeout(600)
def test_every_write_arrives_whole_or_is_refused_by_the_lab(tmp_path: Path, keys: dict[str, SigningKey]) -> None:
    chance = random.Random(20261124)
    bodies = [chance.randbytes(chance.choice((0, 1, 100, 3000, 70_000))) for _ in range(WRITES)]

    async def story(world: World, client: aiohttp.ClientSession) -> None:
        headers = await world.enter(client)
        gate = asyncio.Semaphore(AT_ONCE)

        async def write(number: int) -> bool:
            refused = number % 7 == 0
            address = f"{world.url}{LAB}/api/contents/{'refused' if refused else number}"
            async with gate, client.put(address, data=bodies[number], headers=headers) as answer:
                if refused:
                    return answer.status == 400
                whole = {"sha256": hashlib.sha256(bodies[number]).hexdigest(), "size": len(bodies[number])}
                return answer.status == 200 and await answer.json() == whole

        arrived = await asyncio.gather(*map(write, range(WRITES)))
        assert arrived.count(False) == 0
        assert len(world.seen) == WRITES

    run(tmp_path, keys, story)
