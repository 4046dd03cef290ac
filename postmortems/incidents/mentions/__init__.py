"""Mentions: `@people` and `#incidents` in what is written, and who is told that somebody spoke of them.

What a mention looks like in Markdown is `document.mentions`.
"""
