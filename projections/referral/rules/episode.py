"""Rules for episodes: one partner tells of its own service, from enrolment to exit."""

from events.authority import partner_of
from events.episode import Corrected, Enrolled, EpisodeInError, Exited, MilestoneReached, ServiceDelivered
from projections.check import refuse, rule
from projections.projection import Case
from projections.referral.keys import episode_key
from projections.referral.rules.guard import client_of, in_order, serving, speaking_partner
from projections.referral.state import Episode

Later = ServiceDelivered | MilestoneReached | Exited | Corrected | EpisodeInError


@rule
def enrolled(event: Enrolled, case: Case) -> None:
    """A partner that serves the client opens an episode under a new id."""
    serving(client_of(event, case), speaking_partner(event))
    if case.states.get(episode_key(event)) is not None:
        refuse("already-exists", "episode")


@rule
def told_while_enrolled(event: ServiceDelivered | MilestoneReached | Exited, case: Case) -> None:
    """What happens within an episode happens before its exit."""
    episode = _own(event, case)
    if episode.exited is not None:
        refuse("illegal-transition", "exited")


@rule
def corrected(event: Corrected, case: Case) -> None:
    """A correction names what it corrects, after the exit too."""
    _own(event, case)
    if event.causationid is None:
        refuse("cause-missing")


@rule
def in_error(event: EpisodeInError, case: Case) -> None:
    """An error is about one event, or about the whole episode, and then it is the last."""
    _own(event, case)


def _own(event: Later, case: Case) -> Episode:
    client_of(event, case)
    episode: Episode | None = case.states.get(episode_key(event))
    if episode is None:
        refuse("unknown-subject", "episode")
    if partner_of(event.source) != episode.partner:
        refuse("not-permitted")
    in_order(case, episode)
    if episode.in_error:
        refuse("illegal-transition", "entered-in-error")
    return episode
