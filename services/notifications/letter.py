"""The mail about an offer that arrived: it says that something waits, and nothing of what.  Pure."""

from html import escape

from services.runtime.mail import Mail

SUBJECT = "Something is waiting for you"
_WITH_LINK = """\
Something is waiting for an answer from your organisation at this initiative.

{link}

The link opens nothing by itself: it has a code sent to this address. It ends when an answer is due.

You get this mail as your organisation registered this address. If it is not yours, please ignore it.
"""
_WITHOUT = """\
Something is waiting for an answer from your organisation at this initiative.

Sign in to see it:

{link}

You get this mail as your organisation registered this address. If it is not yours, please ignore it.
"""


def letter(to: str, origin: str, secret: str | None) -> Mail:
    """Return the mail; without a secret it leads to where one signs in."""
    link = f"{origin}/signin" if secret is None else f"{origin}/l/{secret}"
    return composed(to, SUBJECT, (_WITHOUT if secret is None else _WITH_LINK).format(link=link), link)


def composed(to: str, subject: str, text: str, link: str) -> Mail:
    """Return a mail of this text, and of the same with the paragraph of the link as one."""
    parts = [
        f'<p><a href="{escape(part)}">{escape(part)}</a></p>'
        if part == link
        else f"<p>{'<br>'.join(escape(line.strip()) for line in part.splitlines())}</p>"
        for part in text.strip().split("\n\n")
    ]
    return Mail(to, subject, text, f'<!doctype html>\n<html lang="en"><body>{"".join(parts)}</body></html>\n')
