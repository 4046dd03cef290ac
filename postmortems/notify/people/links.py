"""Links that carry their own right: to confirm an address, to switch off a kind of mail, to come in.

Whoever has the mail has the link; each is signed for one person and one thing. Switching off works for good,
as mailers keep messages for years; confirming for a few days.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from itsdangerous import BadData, URLSafeSerializer, URLSafeTimedSerializer

from postmortems import config
from postmortems.config import Settings
from postmortems.notify.people.kinds import KINDS

CONFIRM_DAYS = 3
OFF, CONFIRM, ACCESS = "notifications: off", "notifications: confirm", "access: link"


class Links:
    """The links of a process with these settings: all that have its secret know each other's."""

    def __init__(self, settings: Settings) -> None:
        self._key, self._url = config.secret_key(settings), settings.url

    def off(self, user_id: int, kind: str) -> str:
        """The address that switches off mail of this kind for this person."""
        return f"{self._url}/notifications/off/{URLSafeSerializer(self._key, OFF).dumps([user_id, kind])}"

    def read_off(self, token: str) -> tuple[int, str] | None:
        """For whom a link switches what off; None for one that we did not make."""
        try:
            user_id, kind = URLSafeSerializer(self._key, OFF).loads(token)
        except (BadData, ValueError, TypeError):
            return None
        return (user_id, kind) if kind in KINDS else None

    def confirm(self, user_id: int, address: str) -> str:
        """The address that confirms this mail address."""
        token = URLSafeTimedSerializer(self._key, CONFIRM).dumps([user_id, address])
        return f"{self._url}/notifications/confirm/{token}"

    def read_confirm(self, token: str) -> tuple[int, str] | None:
        """Whose address a link confirms; None for one that we did not make, or too long ago."""
        try:
            signed = URLSafeTimedSerializer(self._key, CONFIRM)
            user_id, address = signed.loads(token, max_age=CONFIRM_DAYS * 86_400)
        except (BadData, ValueError, TypeError):
            return None
        return user_id, address

    def access(self, signed: Sequence[Any]) -> str:
        """The address that lets in whom a link was mailed to, while it is there: `MailedLink.signed`."""
        return f"{self._url}/sign-in/mail/{URLSafeSerializer(self._key, ACCESS).dumps(list(signed))}"

    def read_access(self, token: str) -> Sequence[Any] | None:
        """Which link it is; None for one that we did not make."""
        try:
            signed: Sequence[Any] = URLSafeSerializer(self._key, ACCESS).loads(token)
        except (BadData, ValueError, TypeError):
            return None
        return signed

    def page(self, path: str) -> str:
        """A page of ours, which asks who has not signed in to do so."""
        return f"{self._url}{path}"
