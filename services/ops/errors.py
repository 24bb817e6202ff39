"""Everything the manyhands command can complain of, as one tree.

Each error has a stable `code` that scripts may match, a docstring that says what went wrong,
and a `hint` that says what to do about it:

    OpsError
    ├── CommandBroken
    ├── DemoFailed
    ├── HomeBusy
    ├── HomeDamaged
    ├── HomeUnusable
    ├── JarMissing
    ├── JarTampered
    ├── NoSuchReferral
    ├── NothingFolded
    ├── ProcessorDied
    ├── SchemaIncompatible
    ├── SchemasOutdated
    ├── ServerFailed
    │   ├── KafkaFailed
    │   └── PostgresFailed
    └── WrongVersion
"""

from services.runtime.errors import Fault


class OpsError(Fault):
    """The command could not do its work."""

    code = "failed"

    def __init__(self, detail: str = "") -> None:
        what = (type(self).__doc__ or "").splitlines()[0].rstrip(".")
        super().__init__(f"{what}: {detail}" if detail else what)


class CommandBroken(OpsError):
    """This command cannot be loaded."""

    code = "command-broken"
    hint = "Run `make setup` again; the other commands still work."


class DemoFailed(OpsError):
    """The demonstration did not go as it should."""

    code = "demo-failed"
    hint = "`make demo` begins anew each time; logs lie in .manyhands/demo/logs."


class HomeBusy(OpsError):
    """Another command is starting or stopping the servers of this folder."""

    code = "home-busy"
    hint = "Wait until it is done, then try again."


class HomeDamaged(OpsError):
    """The data folder of a server holds files, but not a whole set of them."""

    code = "home-damaged"
    hint = "Bring the missing files back, or `manyhands local reset` to begin anew."


class HomeUnusable(OpsError):
    """The data folder cannot be used."""

    code = "home-unusable"
    hint = "Choose another folder with MANYHANDS_HOME."


class JarMissing(OpsError):
    """A part of Kafka could not be fetched."""

    code = "jar-missing"
    hint = "The first start needs the network once; later starts do not. Nothing was started."


class JarTampered(OpsError):
    """A part of Kafka is not what was promised, so nothing was started."""

    code = "jar-tampered"
    hint = "Find out who changed it; delete the file to have it fetched again."


class NoSuchReferral(OpsError):
    """There is no such referral on the board."""

    code = "no-such-referral"
    hint = "`manyhands board` lists the referrals with their ids."


class NothingFolded(OpsError):
    """There is no board to read."""

    code = "nothing-folded"
    hint = "Start the processor with `manyhands run referral`, or everything with `manyhands up`."


class ProcessorDied(OpsError):
    """A processor ended by itself."""

    code = "processor-died"
    hint = "The last lines of its log say why."


class SchemaIncompatible(OpsError):
    """Events of one version of a schema could not be read by the other."""

    code = "schema-incompatible"
    hint = "Publish a new version of the type; `--draft` replaces one that is on no log yet."


class SchemasOutdated(OpsError):
    """The committed schemas or pages are not those of the code."""

    code = "schemas-outdated"
    hint = "Run `manyhands schemas export` and `manyhands schemas docs`, and commit what they write."


class ServerFailed(OpsError):
    """A server did not do what it was asked."""

    code = "server-failed"
    hint = "The last lines of its log say why."


class KafkaFailed(ServerFailed):
    """Kafka did not do what it was asked."""

    code = "kafka-failed"


class PostgresFailed(ServerFailed):
    """PostgreSQL did not do what it was asked."""

    code = "postgres-failed"


class WrongVersion(OpsError):
    """The data folder was written by another version of a server."""

    code = "wrong-version"
    hint = "Start it with the version that wrote it, or `manyhands local reset` to begin anew."
