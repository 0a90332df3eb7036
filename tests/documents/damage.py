"""Damage done to good files, the same on every run."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


def mutations(data, count, seed=7) -> Iterator[bytes]:
    """Yield `count` damaged copies: cut short, bits flipped, stretches zeroed, removed, doubled or overwritten."""
    source = random.Random(seed)  # noqa: S311 - damage, not secrets
    kinds = (_cut, _flip, _flip_many, _zero, _remove, _double, _overwrite)
    for index in range(count):
        yield kinds[index % len(kinds)](data, source)


def _span(data, source):
    start = source.randrange(len(data))
    return start, min(len(data), start + source.randint(1, 64))


def _cut(data, source):
    return data[: source.randrange(1, len(data))]


def _flip(data, source):
    damaged = bytearray(data)
    damaged[source.randrange(len(data))] ^= 1 << source.randrange(8)
    return bytes(damaged)


def _flip_many(data, source):
    damaged = bytearray(data)
    for _ in range(max(2, len(data) // 200)):
        damaged[source.randrange(len(data))] ^= 1 << source.randrange(8)
    return bytes(damaged)


def _zero(data, source):
    start, end = _span(data, source)
    return data[:start] + bytes(end - start) + data[end:]


def _remove(data, source):
    start, end = _span(data, source)
    return data[:start] + data[end:]


def _double(data, source):
    start, end = _span(data, source)
    return data[:end] + data[start:]


def _overwrite(data, source):
    start, end = _span(data, source)
    return data[:start] + source.randbytes(end - start) + data[end:]
