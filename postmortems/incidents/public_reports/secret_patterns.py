"""What looks like a secret in text: keys by their makers' signs, and what stands beside `password`. Pure."""

from __future__ import annotations

import re

ALL = (
    # A private key, whole or cut off.
    re.compile(
        r"-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]{0,40}PRIVATE KEY-----|\Z)"
    ),
    # A name and password in an address.
    re.compile(r"(?<![A-Za-z0-9+.-])[A-Za-z][A-Za-z0-9+.-]{1,30}://[^\s/:@<>]*:[^\s/@<>]*@[^\s<>\"'`)\]]+"),
    # JSON Web Tokens (RFC 7519).
    re.compile(r"\beyJ[\w-]{5,}\.[\w-]{5,}\.[\w-]*"),
    # GitHub, GitLab, Slack, AWS, Google, npm, PyPI, Stripe and others whose keys begin alike.
    re.compile(
        r"\b(?:gh[pousr]_\w{16,}|github_pat_\w{16,}|gl[a-z]{2,5}-[\w-]{16,}|xox[a-z]-[\w-]{8,}|xapp-[\w-]{8,}"
        r"|A(?:KI|SI)A[0-9A-Z]{16}|AIza[\w-]{30,}|npm_\w{30,}|pypi-[\w-]{30,}|[sr]k_(?:live|test)_\w{10,}"
        r"|sk-[\w-]{20,}|hv[sb]\.[\w-]{20,}|dop_v1_\w{30,}|SG\.[\w-]{16,}\.[\w-]{16,})"
    ),
    re.compile(r"(?i:\b(?:bearer|basic)\s+)(?=[\w+/=.~-]*\d)[\w+/=.~-]{12,}"),
    re.compile(
        r"(?i:\b[\w-]{0,40}(?:pass(?:word|wd|phrase)?|secret|token|api[_-]?key|access[_-]?key|credentials?)[\"']?"
        r"(?:\s*[:=]\s*|\s+is\s+))(?=[\"'`]?[^\s\"'`]*[\d!@#$%^&*])[\"'`]?[^\s\"'`,;)]{4,}[\"'`]?"
    ),
)
