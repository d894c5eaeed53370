"""Nodes of the async driver."""

import asyncio


async def slow() -> list[int]:
    await asyncio.sleep(0.05)
    return [1, 2, 3]


async def quick(slow: list[int]) -> int:
    return len(slow)


async def broken(slow: list[int]) -> int:
    await asyncio.sleep(0)
    raise ValueError("not today")
