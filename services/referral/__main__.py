"""`python -m services.referral` runs the referral processor."""

import sys

from services.referral.app import main

sys.exit(main())
