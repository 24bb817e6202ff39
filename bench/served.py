"""The tables that a processor makes when it is started on an empty database."""

from projections.referral import REFERRAL
from services.runtime.builds import schema_of

#: The schema of the first build of referrals.
SERVED = schema_of(REFERRAL, "a")
