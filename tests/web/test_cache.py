"""What a process keeps: what was used last, up to a size."""

from __future__ import annotations

from postmortems.web.cache import Kept


def test_only_so_much_is_kept() -> None:
    kept: Kept[str] = Kept(most=10)
    kept.put("a", "xxxx", 4)
    kept.put("b", "xxxx", 4)
    kept.get("a")
    kept.put("c", "xxxx", 4)

    assert (kept.get("a"), kept.get("b"), kept.get("c")) == ("xxxx", None, "xxxx")


def test_what_is_kept_again_counts_once() -> None:
    kept: Kept[str] = Kept(most=10)
    for _ in range(5):
        kept.put("a", "xxxx", 4)
    kept.put("b", "xxxx", 4)

    assert (kept.get("a"), kept.get("b")) == ("xxxx", "xxxx")


def test_what_is_larger_than_all_room_is_not_kept() -> None:
    kept: Kept[str] = Kept(most=10)
    kept.put("a", "xxxx" * 3, 12)

    assert kept.get("a") is None
