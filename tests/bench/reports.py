"""Reports as teams keep them, each another one: what the bench imports and renders."""

from __future__ import annotations

COUNT = 1_000
STYLES = (
    ("- **{hour}:{minute:02} UTC** {words}", "- [ ] {words} ([#{number}](https://example.org/{number}))"),
    ("### 2024-05-{day:02} {hour}:{minute:02}\n\n{words}\n", "1. {words}\n   - Owner: @sam"),
    ("{hour}:{minute:02} – {words}\n", "* **Ana**: {words}"),
)
WORDS = (
    "The proxy is restarted once more, and again no route survives.",
    "Alerts for `hub-7` fire; nobody is sure whether the [dashboard](https://example.org/d) tells the truth.",
    "A new chart is deployed by hand, as the pipeline waits for the same cluster.",
    "Users can log in again, if *slowly*; the queue holds 12,000 messages.",
)


def text(number: int) -> str:
    """A report of some 4 kB, by its number."""
    entry, item = STYLES[number % len(STYLES)]
    said = [WORDS[(number + step) % len(WORDS)] for step in range(len(WORDS))]
    timeline = [
        entry.format(day=1 + number % 28, hour=10 + step // 6, minute=10 * (step % 6), words=said[step % 4])
        for step in range(14)
    ]
    items = [item.format(words=said[step % 4], number=100 + step) for step in range(5)]
    paragraph = " ".join(said * 2)
    return (
        f"# Report {number}: the proxy runs out of memory\n\n**Date:** 2024-05-{1 + number % 28:02}\n\n"
        f"## Summary\n\n{paragraph}\n\n## Timeline (UTC)\n\n"
        + "\n".join(timeline)
        + f"\n\n## Root cause\n\n{paragraph}\n\n"
        "```\nOOMKilled hub-7 137\n```\n\n## Lessons learned\n\n### What went well\n\n- "
        + "\n- ".join(said)
        + "\n\n## Action items\n\n### Process\n\n"
        + "\n".join(items)
        + "\n"
    )
