"""What a mail server's reply means for the message, its reader, and all other mail."""

from __future__ import annotations

import pytest

from postmortems.notify.mail.replies import Reply, is_bounce, outcome

# Who is to blame, the code, what was said; whether nothing will ever reach the address.
BOUNCES = [
    ("recipient", 550, "no such user here", True),
    ("recipient", 550, "5.1.1 <ada@example.org>: Recipient address rejected: User unknown", True),
    ("recipient", 553, "mailbox name not allowed", True),
    ("recipient", 551, "user not local", True),
    ("recipient", 550, "5.2.1 mailbox disabled", True),
    ("recipient", 550, "5.1.10 RESOLVER.ADR.RecipientNotFound", True),
    ("recipient", 552, "5.2.2 mailbox full", False),
    ("recipient", 550, "5.7.1 relaying denied", False),
    ("recipient", 554, "5.7.1 blocked by our rules", False),
    ("recipient", 554, "transaction failed", False),
    ("recipient", 550, "5.4.1 Access denied", False),
    ("recipient", 450, "4.2.0 greylisted, come back in 5 minutes", False),
    ("recipient", 450, "mailbox unavailable", False),
    ("content", 550, "5.1.1 we do not like it", False),
    ("server", 550, "no such user", False),
    ("taken", 250, "", False),
]


@pytest.mark.parametrize("by, code, said, is_gone", BOUNCES)
def test_an_address_bounces_only_where_it_is_itself_wrong(
    by: str, code: int, said: str, is_gone: bool
) -> None:
    assert is_bounce(Reply(by, code, said)) is is_gone
    assert outcome(Reply(by, code, said)).is_gone is is_gone


def test_a_server_that_is_away_holds_up_all_mail_and_a_mailbox_its_own() -> None:
    away, grey, full, hung_up = (
        outcome(reply)
        for reply in (
            Reply("server", 0, "away"),
            Reply("recipient", 451, "grey"),
            Reply("recipient", 552, "full"),
            Reply("content", 0, "broke off"),
        )
    )

    assert (away.is_channel_down, away.is_final) == (True, False)
    assert (grey.is_channel_down, grey.is_final, grey.retry_after_s) == (False, False, 600)
    assert (full.is_channel_down, full.is_final) == (False, True)
    assert (hung_up.is_channel_down, hung_up.is_final, hung_up.retry_after_s) == (False, False, 600)
