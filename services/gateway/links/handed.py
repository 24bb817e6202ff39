"""The mail that carries a client's own link: it says that there is one, and nothing of what it opens.  Pure."""

from services.gateway.pages.html import tag
from services.runtime.mail import Mail

SUBJECT = "Your link"
_TEXT = """\
Somebody whom you asked for help sends you this link:

{link}

It opens nothing by itself: it has a code sent to this address. Give neither of them to anybody.

If you do not know of this, please ignore this mail.
"""


def mail(to: str, link: str) -> Mail:
    """Return the mail."""
    text = _TEXT.format(link=link)
    parts = [tag("p", tag("a", part, href=part) if part == link else part) for part in text.strip().split("\n\n")]
    return Mail(to, SUBJECT, text, f"<!doctype html>\n{tag('html', tag('body', *parts), lang='en')}\n")
