"""Mail that comes as HTML alone: what mail programs quote and forward in it is known, and what its sender says is read."""

import time

import pytest

from privacy.mailroom.gateways.parsing.markup import html_to_text
from privacy.mailroom.policies import asks_to_unsubscribe, beside_the_wish
from privacy.mailroom.policies.quotations import own_text
from privacy.models import Message, OptOut, Ticket
from tests.factories.mailroom import mail, outcomes

ANN = ["ann@example.com", "Ann Example"]
LUMENS = "Lumens &lt;<a>offers@lumens.com</a>&gt;"
ON = f"On Mon, Nov 23, 2026 at 10:00 AM {LUMENS} wrote:"
HEADED = (
    f"<b>From:</b> {LUMENS}<br><b>Sent:</b> Monday, November 23, 2026 10:00 AM<br><b>To:</b> Ann &lt;ann@example.com&gt;<br>"
    "<b>Subject:</b> Lamps"
)
OURS = '<a href="https://lumens.example/">Unsubscribe</a><p>Only today 20% off every lamp. Is your lamp broken?</p>'
# Each with what its sender writes above, and below it what they answer.
REPLIES = {
    "Apple Mail": f'<div>{{}}<div><br><blockquote type="cite"><div>{ON}</div><div>{OURS}</div></blockquote></div></div>',
    "iPhone": '<div dir="auto">{}<div dir="ltr"><br>Sent from my iPhone</div>'
    f'<blockquote type="cite">{ON}<br></blockquote><blockquote type="cite">{OURS}</blockquote></div>',
    "Gmail": f'<div dir="ltr">{{}}</div><div class="gmail_quote gmail_quote_container"><div class="gmail_attr">{ON}<br></div>'
    f'<blockquote class="gmail_quote" style="border-left:1px solid">{OURS}</blockquote></div>',
    "Gmail in a language that nobody here knows": '<div dir="ltr">{}</div><div class="gmail_quote"><div class="gmail_attr">'
    f'ในวันที่ {LUMENS} เขียนว่า:<br></div><blockquote class="gmail_quote">{OURS}</blockquote></div>',
    "Outlook on the web": '<div>{}</div><div id="appendonsend"></div><hr>'
    f'<div id="divRplyFwdMsg">{HEADED}</div><div>{OURS}</div>',
    "Outlook": "<div class=WordSection1><p>{}<o:p></o:p></p><div style='border:none;border-top:solid #E1E1E1 1.0pt'><p>"
    f"{HEADED}<o:p></o:p></p></div>{OURS}</div>",
    "Outlook, of Gmail's": f"<p>{{}}</p><p>{ON}</p>"
    f"<blockquote style='border:none;border-left:solid #CCC 1.0pt'>{OURS}</blockquote>",
    "Thunderbird": '<p>{}</p><div class="moz-cite-prefix">On 11/23/26 10:00, Lumens wrote:<br></div>'
    f'<blockquote type="cite" cite="mid:1">{OURS}</blockquote>',
    "Yahoo": f'<div>{{}}</div><div id="yahoo_quoted_1" class="ydpyahoo_quoted"><div>{ON}</div><div>{OURS}</div></div>',
    "Notes, in a table": f"<font>{{}}</font><br><table><tr><td>From:</td><td>{LUMENS}</td></tr><tr><td>To:</td><td>Ann/Acme</td>"
    f"</tr><tr><td>Date:</td><td>11/23/2026 10:00 AM</td></tr><tr><td>Subject:</td><td>L</td></tr></table>{OURS}",
    "Notes, without colons": f"<font>{{}}</font><br><table><tr><td><b>{LUMENS}</b> <p>11/23/2026 10:00 AM<td><table><tr><td>To"
    f"<td>&lt;ann@example.com&gt;<tr><td>cc<td><tr><td>Subject<td>Lamps</table></table><br>{OURS}",
    "Notes on the web": f"<div>{{}}</div><div><div>-----{LUMENS} wrote: -----</div>To: ann@example.com"
    f"<br>From: {LUMENS}<br>Date: 11/23/2026 10:00AM<br>Subject: Lamps<br>{OURS}</div>",
    "Samsung": f"<div>{{}}</div><div>Sent from my Galaxy</div><div>-------- Original message --------</div><div>From: {LUMENS}"
    f"</div><div>Date: 11/23/26  10:00 AM  (GMT-05:00) </div><div>To: ann@example.com</div><div>Subject: Lamps</div>{OURS}",
}


def html_mail(markup, subject="Re: Lamps"):
    return mail(markup, subject=subject, content_type="text/html; charset=utf-8")


@pytest.mark.parametrize("program", REPLIES)
def test_who_answers_in_html_alone_says_what_they_say_and_nothing_that_they_quote(program):
    said = {above: html_to_text(REPLIES[program].format(above)) for above in ("Unsubscribe", "Where is my lamp?", "")}
    assert asks_to_unsubscribe("Re: Lamps", said["Unsubscribe"]) == "text"
    assert beside_the_wish("Re: Lamps", said["Unsubscribe"], ANN, ["lumens.com"]) == ""
    assert asks_to_unsubscribe("Re: Lamps", said["Where is my lamp?"]) == ""
    assert own_text(said["Where is my lamp?"]) == "Where is my lamp?"
    assert asks_to_unsubscribe("Re: Lamps", said[""]) == "", "a blank reply is nobody's wish"
    both = html_to_text(REPLIES[program].format("Unsubscribe<br>My lamp came cracked."))
    assert beside_the_wish("Re: Lamps", both, ANN, ["lumens.com"]) == "My lamp came cracked."


@pytest.mark.parametrize("program", [name for name in REPLIES if "gmail_quote" in REPLIES[name]])
def test_what_somebody_answers_below_or_within_a_quotation_of_gmails_is_theirs(program):
    quoted = REPLIES[program].format("").removesuffix("</div>")
    assert asks_to_unsubscribe("Re: Lamps", html_to_text(f"{quoted}<div>Unsubscribe</div></div>")) == "text"
    more = f'{quoted}<div>Delete my account.</div><blockquote class="gmail_quote">More lamps</blockquote></div>'
    assert own_text(html_to_text(more)) == "Delete my account."


FORWARDED = "<div>From: Bob &lt;bob@f.example&gt;</div><div>Date: November 23, 2026 at 10:00 AM</div><div>Subject: L</div>"
CITED = '<div>{{}}<blockquote type="cite"><div>{}</div>{}<p>{{}}</p></blockquote></div>'
FORWARDS = {
    "Apple Mail": CITED.format("Begin forwarded message:", FORWARDED),
    "Apple Mail in Spanish": CITED.format("Inicio del mensaje reenviado:", FORWARDED),
    "Gmail": '<div>{}</div><div class="gmail_quote"><div class="gmail_attr">---------- Forwarded message ---------<br>'
    f"{FORWARDED}</div><div>{{}}</div></div>",
    "Yahoo": f'<div>{{}}</div><div class="yahoo_quoted"><div>----- Forwarded Message -----</div>{FORWARDED}<p>{{}}</p></div>',
    "Thunderbird": '<p>{}</p><div class="moz-forward-container">-------- Forwarded Message --------<table><tr><th>Subject: </th>'
    "<td>L</td></tr><tr><th>From: </th><td>Bob &lt;bob@f.example&gt;</td></tr></table><p>{}</p></div>",
}


@pytest.mark.django_db
@pytest.mark.parametrize("program", FORWARDS)
def test_what_is_forwarded_in_html_alone_is_read_and_is_nobodys_wish(receive, program):
    with_wish = html_mail(FORWARDS[program].format("Unsubscribe", "The lamp sparks."), "Fwd: L")
    without = html_mail(FORWARDS[program].format("See below.", "The lamp sparks."), "Fwd: L")
    theirs = html_mail(FORWARDS[program].format("", "Unsubscribe"), "Fwd: L")
    result, _ = receive(with_wish, without, theirs)
    assert outcomes(result) == ["opted_out", "ticket_opened", "ticket_opened"]
    assert all(message["ticket"] for message in result["messages"])
    assert OptOut.objects.count() == 1
    texts = list(Message.objects.order_by("pk").values_list("text", flat=True))
    assert [text.endswith(end) for text, end in zip(texts, ["sparks.", "sparks.", "Unsubscribe"], strict=True)] == [True] * 3


def test_whom_the_other_side_had_forwarded_something_to_forwards_nothing():
    text = "unsubscribe\n\n> We are sorry.\n>\n> Begin forwarded message:\n>\n> From: Bob <bob@f.example>\n> The lamp sparks."
    assert beside_the_wish("Re: L", text, ANN) == ""
    assert own_text(text) == "unsubscribe"


def test_what_is_written_below_a_quoted_picture_is_its_senders():
    html = f'<p>{ON}</p><blockquote type="cite"><img src="cid:lamp@x"></blockquote><p>Unsubscribe</p>'
    assert asks_to_unsubscribe("Re: Lamps", html_to_text(html)) == "text"


def test_a_hidden_paragraph_that_nobody_closed_hides_nothing_below_it():
    assert html_to_text("<p style='display:none'>Lamps <br> <b>today</b><p>Unsubscribe<p>Ann") == "Unsubscribe\nAnn"


@pytest.mark.parametrize("said", ["Unsubscribe", "Where is my lamp?"])
def test_what_thunderbird_lets_somebody_type_beside_its_attribution_is_theirs(said):
    quoted = f'<blockquote type="cite">{OURS}</blockquote>'
    attribution = "On 11/23/26 10:00, Lumens wrote:<br></div>"
    assert own_text(html_to_text(f'<div class="moz-cite-prefix">{said}<br><br>{attribution}{quoted}')) == said
    assert own_text(html_to_text(f'<p>{said}</p><div class="moz-cite-prefix">{attribution}{quoted}')) == said


@pytest.mark.parametrize("comment", ["<!-->", "<!--->", "<!-- x --!>", "<!-- x -->", "<!<![x]>[ >", "<!<!---->-- x -->"])
def test_a_comment_ends_where_browsers_end_it(comment):
    assert html_to_text(f"{comment}<p>Unsubscribe</p>").splitlines()[-1] == "Unsubscribe"


def test_a_comment_that_a_style_sheet_opens_ends_with_it():
    assert html_to_text("<style><!-- p { color: red } </style><p>Unsubscribe</p>") == "Unsubscribe"


@pytest.mark.parametrize("hides", ["font-size:0", "font-size: 0px;", "visibility:hidden"])
def test_what_is_shown_within_something_unseen_is_read(hides):
    """Designers' mail, and the forms of shops, take the size away from what is around their words."""
    shows = "visibility: visible" if "visibility" in hides else "font-size: 13px"
    within = f'a <div style="{shows}">My lamp <i>sparks</i>.</div><span style="color:red">b</span>'
    assert html_to_text(f'<table><tr><td style="{hides}">{within}</td></tr></table>') == "My lamp sparks."


@pytest.mark.parametrize("still", ["font-size: 0.0px", "font-size: 90%", "font-size: 2em", "font-style: normal"])
def test_what_is_as_small_within_something_unseen_stays_unread(still):
    assert html_to_text(f'<div style="font-size:0px">a <b style="{still}">b</b></div>c') == "c"


@pytest.mark.parametrize("shows", ["font: 14px/1.5 Arial", "font-size:0;font-size:1.5em 1px;font-size:12pt", "font-size:initial"])
def test_a_size_may_be_said_in_other_ways_and_the_last_one_counts(shows):
    assert html_to_text(f'<td style="font-size:0"><p style="{shows}">Delete my account.</p></td>') == "Delete my account."


def test_what_is_quoted_and_what_stands_on_a_line_is_so_within_something_unseen_too():
    sized = '<span style="font-size:14px">'
    quoted = f'<div><br></div><blockquote type="cite" style="font-size:0">{sized}Unsubscribe</span></blockquote>'
    assert asks_to_unsubscribe("Re: Lamps", html_to_text(quoted)) == ""
    said = f'<td style="font-size:0"><p>{sized}Unsubscribe</span></p><p>{sized}Where is</span><br>{sized}my lamp?</span></p></td>'
    assert html_to_text(f"<table><tr>{said}</tr></table>") == "Unsubscribe\nWhere is\nmy lamp?"


@pytest.mark.parametrize(
    "shown",
    ["<svg><text>Delete my account.</text></svg>", "<math><mtext>Delete my account.</mtext></math>", "Delete my account.\udc00",
     "<noscript><p>Delete my account.</p></noscript>", "<o:p>Delete my account.</o:p><iframe>or not</iframe>",
     "<line><text>Delete <set>my</set> account.</text></line>"],
)  # fmt: skip
def test_nothing_is_lost_or_shown_as_its_own_source_that_browsers_take_for_something_special(shown):
    assert html_to_text(f"<p>Unsubscribe</p><div>{shown}</div>").rstrip("?") == "Unsubscribe\nDelete my account."


@pytest.mark.parametrize("paragraph", ["<p>x</p>", "<div>x", "<p><b>x"])
def test_what_is_written_below_a_quotation_of_many_thousand_tags_is_its_senders(paragraph):
    quoted = f'<blockquote type="cite">{paragraph * 11_000}{"</div>" * 11_000 if "div" in paragraph else ""}</blockquote>'
    assert own_text(html_to_text(f"<p>Unsubscribe</p>{quoted}<p>Delete my account.</p>")).endswith("Delete my account.")


def test_what_is_not_displayed_is_not_read_whatever_is_within_it():
    assert html_to_text('<div style="display:none"><p style="font-size:13px; visibility:visible">a</p></div>b') == "b"


@pytest.mark.parametrize("kept", ["pre", "pre-wrap", "pre-line", "break-spaces"])
def test_line_breaks_count_where_a_browser_keeps_them(kept):
    html = f'<div style="margin:0; white-space: {kept}">Unsubscribe\n<b>Delete\nmy account.</b>\n</div>Ann\nB.'
    assert html_to_text(html) == "Unsubscribe\nDelete\nmy account.\nAnn B."
    within = f'<pre>a\nb <p style="white-space:normal">c\nd</p></pre><p style="line-break:after-white-space; x:{kept}">e\nf</p>'
    assert html_to_text(within).splitlines()[-2:] == ["c d", "e f"]


def test_an_element_ends_with_the_one_around_it():
    """As browsers read what was closed in another order than it was opened."""
    html = '<div>Hello<span style="display:none">secret</div><p>Unsubscribe</p></span><div><blockquote type="cite">a</div>b'
    assert html_to_text(html) == "Hello\nUnsubscribe\n> a\nb"


@pytest.mark.django_db
def test_what_somebody_indents_is_their_own(receive):
    indented = '<blockquote style="margin:0 0 0 40px;border:none;padding:0px"><div>Delete all my data.</div></blockquote>'
    result, _ = receive(html_mail(f"<div>Unsubscribe</div>{indented}"))
    assert outcomes(result) == ["opted_out"]
    assert [right.kind for right in Ticket.objects.get().rights.all()] == ["deletion"]


@pytest.mark.parametrize("above", ["\u200b", "\ufeff", "\u00ad \u200e", "\u2060"])
def test_a_line_of_which_nobody_sees_anything_hides_no_wish(above):
    assert asks_to_unsubscribe("Re: Lamps", f"{above}\nUnsubscribe\n") == "text"
    assert asks_to_unsubscribe("Re: Lamps", html_to_text(f"<p>{above}</p><p>Un&shy;subscribe</p>")) == "text"


def test_only_a_cell_that_names_the_next_one_stands_on_its_line():
    assert (
        html_to_text("<table><tr><td>From:</td><td>Ann</td></tr><tr><td>stop</td><td>Ann</td></tr></table>")
        == "From: Ann\nstop\nAnn"
    )
    assert html_to_text("<p>Hello:</p><table><tr><td>stop</td></tr></table>") == "Hello:\nstop"


@pytest.mark.parametrize(
    "bait",
    ["<p>x", "<td>From:", "<blockquote>x</blockquote>", "<div class='gmail_quote'><blockquote>", "<div>", "<table>x",
     "<p><b><i>x", "<table><tr><td>x", "<div hidden><b>", "<a ", "<!--", "<![", "<title>x", "&lt", "</p>", "<a b='",
     "<svg><g>", "<button>x", "<li>x<ul>", "<select><option>", "<b><i><p></b></i>x", "<a<a",
     "<p style='font-size:" + "0" * 900 + ".'>x"],
)  # fmt: skip
def test_hostile_markup_is_read_at_once(bait):
    began = time.process_time()
    assert len(html_to_text(bait * (200_000 // len(bait)) + "<p>end")) < 210_000
    assert time.process_time() - began < 2


def test_so_is_what_browsers_open_again_in_every_paragraph():
    """Formatting that nobody closes, each time another one: 90 KB that grew to gigabytes."""
    began = time.process_time()
    formats = "".join(f"<font style='a{number}'>" for number in range(4_000))
    assert html_to_text(f"<p>{formats}{'<p>x' * 4_000}").split() == ["x"] * 4_000
    assert time.process_time() - began < 3
