"""The notifications processor: topic cases into partners' feeds, and mails about what reached them."""

from projections.communication import COMMUNICATION
from services.notifications.posting import post_of, posting
from services.notifications.telemetry import Mailing
from services.runtime.processor import Processor, serve_until_stopped
from services.runtime.settings import Settings


class Notifications(Processor):
    """Folds feeds, and mails at once what cannot wait until somebody looks."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(COMMUNICATION, settings)
        self.mailing = Mailing(self.telemetry.registry)

    async def run(self) -> int:
        """Do as any processor does, and send mails meanwhile where they go anywhere.

        A fault in the sending ends the process: mails that nobody sends would be missed by nobody.
        """
        post = post_of(self.settings)
        if post is None:
            return await super().run()
        async with posting(self.settings, post, self.mailing) as task:
            task.add_done_callback(lambda _: self.stop())
            code = await super().run()
        task.result()
        return code


def main() -> int:
    """Run the processor until it is told to stop, and return its exit code."""
    return serve_until_stopped(Notifications(Settings.from_env()))
