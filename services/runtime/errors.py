"""Faults that a person can mend: each has a code that stays the same and a hint that says what to do."""


class Fault(Exception):
    """Something outside the code is wrong; the message holds names and numbers, never event data."""

    code = "fault"
    hint = ""


class SettingInvalid(Fault):
    """A setting in the environment has a value that cannot be read."""

    code = "setting-invalid"
    hint = "The message names the variable; `unset` it, or give it a value of the kind that it takes."


class ServersUnknown(Fault):
    """Nothing says where Kafka and PostgreSQL are."""

    code = "servers-unknown"
    hint = "Start the embedded ones with `manyhands local up`, or set MANYHANDS_KAFKA and MANYHANDS_POSTGRES."


class TopicMissing(Fault):
    """A log topic does not exist on the broker."""

    code = "topic-missing"
    hint = "Create the topics with `manyhands topics create`."


class PartitionsDiffer(Fault):
    """A topic's partition count is not the one it was made for."""

    code = "partitions-differ"
    hint = (
        "A topic's partition count is fixed for its life: with another count a person's events would go to "
        "another partition and lose their order. Set the count back, or load a new deployment's topics."
    )


class TopicSettingsDiffer(Fault):
    """A topic keeps, stamps or deletes records in another way than the log needs."""

    code = "topic-settings-differ"
    hint = "Set the topic's settings back with Kafka's own tool: history must be kept and stamped by the broker."


class LogCut(Fault):
    """A partition ends before an offset that was folded already."""

    code = "log-cut"
    hint = "The log was cut or made anew. Restore the broker's own log before going on."


class HistoryMissing(Fault):
    """A partition begins after the offset to read from."""

    code = "history-missing"
    hint = "The log's beginning has expired or was deleted. Restore the broker's own log before going on."
