"""Mail addresses and mail servers as people and operators write them."""

from __future__ import annotations

import pytest

from postmortems import mail_addresses
from postmortems.mail_addresses import MailServer

GOOD = [
    ("ada@example.org", "ada@example.org"),
    ("  ada@example.org ", "ada@example.org"),
    ("Ada.Lovelace+pm@Example.ORG", "Ada.Lovelace+pm@example.org"),
    ("o'hara@example.org", "o'hara@example.org"),
    ("ops@mailhost", "ops@mailhost"),
    ("ops@xn--exmple-cua.org", "ops@xn--exmple-cua.org"),
    ("ops@exämple.org", "ops@xn--exmple-cua.org"),
    ("ops@EXÄMPLE.org", "ops@xn--exmple-cua.org"),
    ("ops@例え.jp", "ops@xn--r8jz45g.jp"),
    (f"{'a' * 64}@example.org", f"{'a' * 64}@example.org"),
]
BAD = [
    ("", "write an address"),
    ("ada", "write an address"),
    ("@example.org", "write an address"),
    ("ada@", "write an address"),
    ("ada lovelace@example.org", "no name of a mailbox"),
    ("ada@@example.org", "no name of a mailbox"),
    (".ada@example.org", "no name of a mailbox"),
    ("ada.@example.org", "no name of a mailbox"),
    ("a..b@example.org", "no name of a mailbox"),
    ('"ada l"@example.org', "no name of a mailbox"),
    (f"{'a' * 65}@example.org", "no name of a mailbox"),
    ("zoë@example.org", "letters of English"),
    ("ada@exa mple.org", "no domain"),
    ("ada@-example.org", "no domain"),
    ("ada@example..org", "no domain"),
    ("ada@example.org.", "no domain"),
    ("ada@192.0.2.1", "no domain"),
    ("ada@[192.0.2.1]", "no domain"),
    (f"ada@{'a' * 64}.org", "no domain"),
    (f"ada@{'.'.join(['a' * 60] * 5)}", "at most 254"),
    ("ada@example.org\r\nBcc: eve@example.org", "no name of a mailbox"),
    ("ada@example.org, eve@example.org", "no name of a mailbox"),
    ("Ada <ada@example.org>", "no name of a mailbox"),
    ("ada@exam\u202eple.org", "no domain"),
]
SERVERS = [
    ("smtp://mail.example.org", MailServer("mail.example.org", 25)),
    ("smtp://mail.example.org/", MailServer("mail.example.org", 25)),
    ("smtp://mail.example.org:2525", MailServer("mail.example.org", 2525)),
    ("smtp://mail.example.org?starttls=true", MailServer("mail.example.org", 587, "starttls")),
    ("smtp://mail.example.org?starttls=false", MailServer("mail.example.org", 25)),
    ("smtps://mail.example.org", MailServer("mail.example.org", 465, "tls")),
    (
        "smtp://u:p@mail.example.org:25?starttls=true",
        MailServer("mail.example.org", 25, "starttls", "u", "p"),
    ),
    ("smtps://u%40x:p%2F%3F%23%40@h", MailServer("h", 465, "tls", "u@x", "p/?#@")),
    ("smtp://u:p@localhost:1025", MailServer("localhost", 1025, "", "u", "p")),
    ("smtp://[2001:db8::1]:25", MailServer("2001:db8::1", 25)),
    ("smtp://post.exämple.org", MailServer("post.xn--exmple-cua.org", 25)),
]
BAD_SERVERS = [
    ("mail.example.org", "write it as"),
    ("http://mail.example.org", "write it as"),
    ("smtp://", "write it as"),
    ("smtp://mail.example.org:0", "write it as"),
    ("smtp://mail.example.org:99999", "write it as"),
    ("smtp://mail.example.org/path", "write it as"),
    ("smtp://mail.example.org#x", "write it as"),
    ("smtp://u:hunter2@mail.example.org", "in clear"),
    ("smtp://u:hunter2@mail.example.org?starttls=false", "in clear"),
    ("smtp://u@mail.example.org?starttls=true", "both user and password"),
    ("smtp://mail.example.org?tls=true", "starttls=true and nothing else"),
    ("smtp://mail.example.org?starttls=maybe", "starttls=true and nothing else"),
    ("smtps://mail.example.org?starttls=true", "from the first byte"),
    ("smtp://u:hun?ter@2@mail.example.org", "write it as"),
    ("smtp://u:hunter2#@mail.example.org", "write it as"),
]
SENDERS = [
    ("pm@example.org", "pm@example.org"),
    ("<pm@example.org>", "pm@example.org"),
    ("Postmortems <pm@example.org>", "Postmortems <pm@example.org>"),
    ('"Post, mortems" <pm@example.org>', '"Post, mortems" <pm@example.org>'),
    ("Störungen <pm@exämple.org>", "Störungen <pm@xn--exmple-cua.org>"),
]
BAD_SENDERS = [
    "",
    "Postmortems",
    "a@b.org, c@d.org",
    "P <pm>",
    "P <a@b.org> <c@d.org>",
    "P\r\nX: y <a@b.org>",
]


@pytest.mark.parametrize("text, found", GOOD)
def test_an_address_goes_over_the_wire_in_letters_of_english(text: str, found: str) -> None:
    assert mail_addresses.checked(text) == found


@pytest.mark.parametrize("text, told", BAD)
def test_what_is_no_address_is_refused_in_words(text: str, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        mail_addresses.checked(text)


@pytest.mark.parametrize("url, found", SERVERS)
def test_the_url_of_a_mail_server_says_how_it_is_spoken_to(url: str, found: MailServer) -> None:
    assert mail_addresses.server(url) == found


@pytest.mark.parametrize("url, told", BAD_SERVERS)
def test_a_wrong_url_of_a_mail_server_is_refused_and_no_secret_repeated(url: str, told: str) -> None:
    with pytest.raises(ValueError, match=told) as refused:
        mail_addresses.server(url)
    assert "hunter2" not in str(refused.value)


def test_a_password_does_not_show_where_the_server_is_printed() -> None:
    assert "hunter2" not in repr(mail_addresses.server("smtps://u:hunter2@mail.example.org"))


@pytest.mark.parametrize("text, found", SENDERS)
def test_a_sender_has_a_name_or_none(text: str, found: str) -> None:
    assert str(mail_addresses.sender(text)) == found


@pytest.mark.parametrize("text", BAD_SENDERS)
def test_what_is_no_sender_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"write|at most|no domain"):
        mail_addresses.sender(text)
