"""The notifications processor: topic cases into partners' feeds, mails about what reached them, and the weekly one."""

from contextlib import AsyncExitStack

from projections.communication import COMMUNICATION
from services.admission.directory import Directory
from services.notifications.posting import post_of, posting
from services.notifications.telemetry import Mailing
from services.notifications.weekly.schedule import Schedule
from services.notifications.weekly.sending import Weekly, opened
from services.notifications.working import running
from services.runtime.processor import Processor, serve_until_stopped
from services.runtime.settings import Settings


class Notifications(Processor):
    """Folds feeds, mails at once what cannot wait until somebody looks, and asks once a week for room."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(COMMUNICATION, settings)
        self.mailing = Mailing(self.telemetry.registry)

    async def run(self) -> int:
        """Do as any processor does, and send mails meanwhile where they go anywhere.

        A fault in the sending ends the process: mails that nobody sends would be missed by nobody.
        """
        post, schedule = post_of(self.settings), Schedule.read(self.settings.weekly_mail)
        if post is None:
            return await super().run()
        async with AsyncExitStack() as stack:
            directory = Directory(self.settings)
            stack.push_async_exit(directory.__aexit__)
            told = (self.settings, directory, post, self.mailing)
            tasks = [await stack.enter_async_context(posting(*told))]
            if schedule is not None:
                parts = await stack.enter_async_context(opened(*told))
                tasks.append(await stack.enter_async_context(running(Weekly(parts, schedule))))
            for task in tasks:
                task.add_done_callback(lambda _: self.stop())
            code = await super().run()
        for task in tasks:
            task.result()
        return code


def main() -> int:
    """Run the processor until it is told to stop, and return its exit code."""
    return serve_until_stopped(Notifications(Settings.from_env()))
