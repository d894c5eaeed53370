"""Nodes of the async driver."""

import asyncio

import graph
import pandas as pd

from tristrata.hamilton import drift_checked


async def slow() -> list[int]:
    await asyncio.sleep(0.06)
    return [1, 2, 3]


async def endless(slow: list[int]) -> int:
    await asyncio.sleep(60)
    return 1


async def quick(slow: list[int]) -> int:
    return len(slow)


async def broken(slow: list[int]) -> int:
    await asyncio.sleep(0)
    raise ValueError("not today")


@drift_checked(reference=graph.MONTH, null="independent")
async def moved_later() -> pd.DataFrame:
    await asyncio.sleep(0)
    return graph.MONTH + 50.0
