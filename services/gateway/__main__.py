"""`python -m services.gateway`: the gateway as a process of its own."""

import sys

from services.gateway.serve import main

sys.exit(main())
