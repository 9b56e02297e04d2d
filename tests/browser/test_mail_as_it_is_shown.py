"""What a colleague reads of an HTML mail is what a browser shows of it, line by line: held against Chromium itself."""

import re

from hypothesis import example, given, settings
from hypothesis import strategies as st

from privacy.mailroom.gateways.parsing.markup import html_to_text

# Without tables, whose cells are lines here, and without quotations, which are marked. What is `visibility: hidden` is drawn as
# blank space, which a browser's own plain text leaves out.
TAGS = (
    *("div", "p", "span", "b", "i", "font", "pre", "ul", "li", "h1", "center", "a", "section", "dl", "dt", "dd", "form"),
    *("fieldset", "legend", "nav", "figure", "address", "o:p", "nobr", "mi", "table hidden"),
)
STYLES = (
    *("", "", "", " hidden", ' style="display:none"', ' style="color:red"', ' style="white-space: pre-wrap"'),
    *(' style="white-space:pre"', ' style="white-space:normal"', ' class="x"'),
)
OTHERS = (
    *(
        "<br>",
        "<br hidden>",
        "<hr>",
        "<img src=x>",
        "<!-- c -->",
        "<!-->",
        "<!--[if mso]>n<![endif]-->",
        "<![if !mso]>",
        "<![endif]>",
    ),
    *("<style>p <!-- </style>", "<title>n</title>", "</nothing>", "< ", "&lt;", "&amp", "&nbsp;", " ", "\n", "w ", "w", "w\n"),
)
openings = st.builds("<{}{}>".format, st.sampled_from(TAGS), st.sampled_from(STYLES))
closings = st.sampled_from([f"</{tag.split()[0]}>" for tag in TAGS])
pieces = st.one_of(openings, closings, st.sampled_from(OTHERS), st.just("w"))
SHOWN = """(markup) => {
  const frame = document.createElement("iframe");
  frame.sandbox = "allow-same-origin";
  document.body.replaceChildren(frame);
  frame.contentDocument.write(`<!doctype html><body>${markup}`);
  frame.contentDocument.close();
  return frame.contentDocument.body.innerText;
}"""


def lines(text):
    return [" ".join(line.split()) for line in text.split("\n") if line.strip()]


def test_it_is_read_line_by_line_as_a_browser_shows_it(browser):
    page = browser.new_page()

    @settings(max_examples=150)
    @given(st.lists(pieces, min_size=2, max_size=25).map("".join).map(numbered))
    @example("<div>Hello<span hidden>no</div>Un<p style='display:none'>x</p>subscribe</span><pre>a\nb</pre>")
    def held(markup):
        if ">" in markup:
            assert lines(html_to_text(markup)) == lines(page.evaluate(SHOWN, markup))

    held()
    page.close()


def numbered(markup):
    """With a number at each word, so that none is taken for another."""
    number = iter(range(1_000))
    return re.sub(r"w(?![\w-])", lambda _: f"w{next(number)}", markup)
