"""What people say of other systems, in our own words, each with the tests that show it not to be so here.

A test is named by its file and name; a file alone stands for all that is in it.
"""

from collections.abc import Mapping
from types import MappingProxyType

_HERE = "tests/unit/projections/referral/test_complaints.py::"
_UNIT = "tests/unit/projections/referral/"
_DOOR = "tests/integration/gateway/test_complaints.py::"
_GATEWAY = "tests/integration/gateway/"

COMPLAINTS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "withdrawn is shown as done": (f"{_HERE}test_withdrawn_is_not_done",),
        "an accepted referral cannot be undone": (
            f"{_HERE}test_what_was_accepted_can_be_undone",
            f"{_UNIT}test_cancelling.py",
        ),
        "anybody may change a referral": (
            f"{_HERE}test_only_the_two_sides_change_a_referral",
            f"{_UNIT}test_transitions.py",
            f"{_UNIT}test_matrix.py",
        ),
        "lists lag behind what was sent": (
            f"{_DOOR}test_what_was_just_sent_stands_in_both_sides_lists",
            f"{_DOOR}test_what_was_on_record_at_an_instant_counts_and_what_came_a_moment_later_does_not",
            f"{_GATEWAY}test_referrals.py::test_reading_waits_for_what_was_written",
        ),
        "a range of dates leaves its edge out": (
            f"{_DOOR}test_a_range_of_dates_counts_its_first_instant_and_not_its_last",
        ),
        "nobody sees who looked": (
            f"{_HERE}test_the_sender_sees_who_looked",
            f"{_GATEWAY}test_disclosures.py::test_sender_is_told_who_was_shown_what_and_under_which_consent",
            f"{_GATEWAY}links/test_own.py::test_client_sees_who_looked_and_a_guardian_does_not",
            f"{_GATEWAY}pages/test_loop.py::test_whatever_is_shown_is_on_record_first",
        ),
        "a transfer rewrites history": (
            f"{_HERE}test_a_transfer_leaves_history_as_it_was",
            f"{_UNIT}test_links.py",
        ),
        "what a transfer means is unclear, and who receives cannot find the person": (
            f"{_HERE}test_whoever_accepts_serves_the_client_and_the_past_stays",
            f"{_GATEWAY}links/test_offer.py::test_recipient_has_a_name_for_the_client_and_the_holder_is_told_none",
        ),
        "who receives acts and the sender does not know": (f"{_HERE}test_whatever_a_recipient_does_its_sender_hears",),
        "there are two ways to move a person, and a stale request stays": (
            f"{_HERE}test_an_enrolment_elsewhere_closes_nothing",
            f"{_HERE}test_who_was_enrolled_by_an_offer_has_its_loop_closed",
            f"{_HERE}test_no_request_stays_open_for_ever",
            f"{_DOOR}test_a_request_is_not_closed_by_an_enrolment_elsewhere_and_its_sender_closes_it",
        ),
        "somebody else's open request is in the way": (f"{_HERE}test_nobody_is_stuck_behind_anothers_request",),
        "out of network there is no destination and no figure": (
            f"{_HERE}test_what_goes_outside_is_known_and_kept_apart",
            "tests/integration/reading/test_loop_history.py::test_hand_offs_are_in_no_rate",
        ),
        "the weight of the process is fixed": (f"{_HERE}test_how_often_to_try_is_the_services_policy",),
        "declines come without a reason, or wait for a second person": (
            f"{_HERE}test_a_decline_has_a_reason",
            f"{_HERE}test_a_decline_stands_by_one_persons_word_and_its_sender_may_ask_again",
        ),
        "systems move one another's state illegally": (f"{_HERE}test_an_illegal_step_is_refused_with_what_is_legal",),
        "status does not follow the work": (f"{_HERE}test_deleting_the_exit_opens_the_episode_again",),
        "what was sent changes later": (f"{_HERE}test_what_was_sent_stays_as_it_was_sent",),
        "a second referral has no place": (f"{_HERE}test_a_need_may_take_several_attempts",),
        "no reopening, no deletion with a comment": (f"{_HERE}test_reopening_and_deleting_leave_a_trail",),
        "cancelled is no state": (f"{_HERE}test_cancelled_is_a_state_with_a_reason",),
        "nobody knows who has room": (
            f"{_GATEWAY}test_directory.py::test_capacity_is_shown_with_its_age_and_read_as_it_was_written",
            f"{_GATEWAY}pages/test_refer.py::test_capacity_is_told_with_its_age",
        ),
        "words for room mean different things": (
            f"{_DOOR}test_word_for_room_is_one_of_four_and_stands_where_it_was_said",
            f"{_DOOR}test_other_words_for_room_are_not_taken",
        ),
        "who may come and what is confidential stands nowhere": (
            f"{_DOOR}test_who_may_come_and_what_is_protected_stand_in_the_directory",
            f"{_GATEWAY}links/test_over.py::test_partner_all_of_whose_services_are_protected_has_no_links",
            f"{_GATEWAY}pages/test_loop.py::test_protected_programmes_have_no_name_in_lists",
        ),
        "cancelling leaves the request and its parts apart": (
            f"{_HERE}test_cancelling_an_offer_moves_its_referral_and_keeps_the_reason",
        ),
        "small organisations do not use it": (
            f"{_HERE}test_an_answer_needs_no_account",
            f"{_GATEWAY}links/test_offer.py::test_offer_is_answered_and_served_without_an_account",
            "tests/integration/notifications/weekly/test_link.py",
        ),
        "it does not take the place of knowing one another": (
            f"{_HERE}test_what_goes_outside_is_known_and_kept_apart",
            f"{_GATEWAY}pages/test_unsent.py::test_what_is_arranged_outside_goes_on_by_itself",
        ),
        "who referred is left out of the loop": (f"{_HERE}test_whatever_a_recipient_does_its_sender_hears",),
        "one word means three things": (f"{_HERE}test_accepting_beginning_and_serving_are_three_things",),
        "stale referrals are chased by hand": (
            f"{_HERE}test_stale_referrals_are_chased_by_events",
            f"{_UNIT}test_timed.py",
        ),
        "people are there twice, or matched wrongly": (
            f"{_UNIT}test_links.py",
            f"{_GATEWAY}test_clients.py::test_all_tokens_must_be_those_of_one_person",
            f"{_GATEWAY}people/test_client_links.py::test_two_persons_link_two_ids_and_unlink_them",
        ),
        "the last write wins": (f"{_HERE}test_the_last_write_does_not_win",),
        "an account comes before an answer, nobody can withdraw, and all share one profile": (
            f"{_GATEWAY}links/test_door.py",
            f"{_HERE}test_the_client_can_stop_it",
            f"{_UNIT}test_answers.py",
            f"{_DOOR}test_a_person_has_another_name_at_every_partner_and_no_profile_that_all_can_find",
        ),
    }
)
