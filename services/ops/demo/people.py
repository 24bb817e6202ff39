"""Invented people, for the text that is sealed before it reaches the log."""

from random import Random

GIVEN = (
    "Amara",
    "Bilal",
    "Chiara",
    "Dmitri",
    "Esi",
    "Farah",
    "Goran",
    "Hana",
    "Ines",
    "Jamal",
    "Keiko",
    "Luis",
    "Mei",
    "Nadia",
    "Omar",
    "Priya",
    "Quentin",
    "Rosa",
    "Samir",
    "Tala",
    "Uma",
    "Viktor",
    "Wanjiru",
    "Yusuf",
    "Zoë",
)
FAMILY = (
    "Abara",
    "Brandt",
    "Castillo",
    "Demir",
    "Eriksen",
    "Farouk",
    "Garcia",
    "Haddad",
    "Ivanova",
    "Jensen",
    "Kimura",
    "Laurent",
    "Mbeki",
    "Novak",
    "Okafor",
    "Petrov",
    "Quispe",
    "Rahman",
    "Silva",
    "Tran",
    "Usman",
    "Vega",
    "Weiss",
)


def person(random: Random) -> str:
    """Return a name and a number that belong to nobody."""
    return f"{random.choice(GIVEN)} {random.choice(FAMILY)}, 555-01{random.randrange(100):02}"


def remark(random: Random) -> str:
    """Return what a case worker might write about somebody's need."""
    opening = random.choice(("Prefers mornings.", "Needs an interpreter.", "Call after six.", "Has two children."))
    return f"{opening} Asked for help {random.choice(('by phone', 'at the desk', 'through a friend'))}."
