"""A page that Asciidoctor made is read as its author wrote it."""

from __future__ import annotations

from datetime import date

from postmortems.document.markdown import parser
from postmortems.document.readers import registry as readers_registry
from postmortems.document.times import incident_dates

# As Asciidoctor 2.0.18 writes it, without styles.
PAGE = """\
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="UTF-8">
<meta name="generator" content="Asciidoctor 2.0.18">
<title>Checkout was down</title>
</head>
<body class="article">
<div id="header">
<h1>Checkout was down</h1>
<div class="details">
<span id="author" class="author">Ana Example</span><br>
<span id="revnumber">version 1.0,</span>
<span id="revdate">2024-03-01</span>
</div>
<div id="toc" class="toc">
<div id="toctitle">Table of Contents</div>
<ul class="sectlevel1">
<li><a href="#_timeline">Timeline</a></li>
</ul>
</div>
</div>
<div id="content">
<div class="sect1">
<h2 id="_timeline">Timeline</h2>
<div class="sectionbody">
<div class="admonitionblock note">
<table>
<tr>
<td class="icon">
<div class="title">Note</div>
</td>
<td class="content">
Times are UTC.
</td>
</tr>
</table>
</div>
<div class="dlist">
<dl>
<dt class="hdlist1">10:32 UTC</dt>
<dd>
<p>pods restart</p>
</dd>
</dl>
</div>
</div>
</div>
<div class="sect1">
<h2 id="_action_items">Action items</h2>
<div class="sectionbody">
<div class="ulist checklist">
<ul class="checklist">
<li>
<p>&#10063; Rotate the <em>keys</em> (owner: Ben, due: 2024-03-05)</p>
</li>
<li>
<p>&#10003; Add a canary</p>
</li>
</ul>
</div>
</div>
</div>
</div>
<div id="footer">
<div id="footer-text">
Version 1.0<br>
Last updated 2026-11-30 11:41:17 UTC
</div>
</div>
</body>
</html>
"""


def test_boxes_remarks_and_the_day_of_a_page_are_read() -> None:
    document = readers_registry.read("report.html", PAGE.encode())

    assert document.title == "Checkout was down"
    assert incident_dates.incident_date(document) == date(2024, 3, 1)
    assert [(entry.written, entry.text) for entry in document.entries] == [("10:32 UTC", "pods restart")]
    assert [(item.text, item.owner, str(item.due), item.status) for item in document.items] == [
        ("Rotate the *keys*", "Ben", "2024-03-05", "open"),
        ("Add a canary", "", "None", "done"),
    ]
    written = parser.write(document)
    assert "> **Note**\n>\n> Times are UTC." in written
    assert "Table of Contents" not in written
    assert "Last updated" not in written


def test_a_page_of_another_maker_keeps_all_of_it() -> None:
    page = PAGE.replace("Asciidoctor 2.0.18", "Other 1.0")

    assert "Last updated" in parser.write(readers_registry.read("report.html", page.encode()))
