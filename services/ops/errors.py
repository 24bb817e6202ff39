"""Everything the manyhands command can complain of, as one tree.

Each error has a stable `code` that scripts may match, a docstring that says what went wrong,
and a `hint` that says what to do about it:

    OpsError
    ├── BuildBehind
    ├── BuildExists
    ├── BuildForeign
    ├── BuildServed
    ├── BuildUnknown
    ├── BuildUnlogged
    ├── CommandBroken
    ├── DemoFailed
    ├── FileTaken
    ├── HomeBusy
    ├── HomeDamaged
    ├── HomeUnusable
    ├── InputUnreadable
    ├── JarMissing
    ├── JarTampered
    ├── KafkaAway
    ├── NoSuchInbox
    ├── NoSuchPerson
    ├── NoSuchReferral
    ├── NoSuchToken
    ├── NotParked
    ├── NotSkippable
    ├── NothingFolded
    ├── PersonTaken
    ├── ProcessorDied
    ├── RebuildFailed
    ├── RulesOutdated
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


class BuildBehind(OpsError):
    """This build has not folded all that the served one has."""

    code = "build-behind"
    hint = "Run its processor with MANYHANDS_BUILD until it has caught up, and leave it running; then switch again."


class BuildExists(OpsError):
    """There is a build of this name already."""

    code = "build-exists"
    hint = "`--resume` goes on with it, `--anew` drops it and begins again; or choose another --build."


class BuildForeign(OpsError):
    """This build was folded from another log than the served one."""

    code = "build-foreign"
    hint = "Rebuild it from this deployment's log with --anew."


class BuildServed(OpsError):
    """This build is the one that is served."""

    code = "build-served"
    hint = "Choose another build: what readers use is neither rebuilt nor dropped."


class BuildUnknown(OpsError):
    """There is no build of this name."""

    code = "build-unknown"
    hint = "`manyhands builds list` shows the builds that there are; `manyhands rebuild` makes one."


class BuildUnlogged(OpsError):
    """This build would be empty after a crash of the database."""

    code = "build-unlogged"
    hint = "Let the rebuild that makes it come to its end with --keep, which writes it out for good."


class CommandBroken(OpsError):
    """This command cannot be loaded."""

    code = "command-broken"
    hint = "Run `make setup` again; the other commands still work."


class DemoFailed(OpsError):
    """The demonstration did not go as it should."""

    code = "demo-failed"
    hint = "`make demo` begins anew each time; logs lie in .manyhands/demo/logs."


class FileTaken(OpsError):
    """There is a file of this name already."""

    code = "file-taken"
    hint = "Choose another name: a secret never overwrites what is there."


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


class InputUnreadable(OpsError):
    """The file or pipe cannot be read."""

    code = "input-unreadable"
    hint = "What was read before it may have been published: send it again with the same ids, which changes nothing."


class JarMissing(OpsError):
    """A part of Kafka could not be fetched."""

    code = "jar-missing"
    hint = "The first start needs the network once; later starts do not. Nothing was started."


class JarTampered(OpsError):
    """A part of Kafka is not what was promised, so nothing was started."""

    code = "jar-tampered"
    hint = "Find out who changed it; delete the file to have it fetched again."


class KafkaAway(OpsError):
    """Kafka does not answer."""

    code = "kafka-away"
    hint = "Start the embedded one with `manyhands local up`, or check MANYHANDS_KAFKA."


class NoSuchInbox(OpsError):
    """This partner has no inbox."""

    code = "no-such-inbox"
    hint = "`manyhands inbox list` shows those there are; `manyhands topics apply` makes one for each partner."


class NoSuchReferral(OpsError):
    """There is no such referral on the board."""

    code = "no-such-referral"
    hint = "`manyhands board` lists the referrals with their ids."


class NoSuchToken(OpsError):
    """There is no such token, or it is valid no more."""

    code = "no-such-token"
    hint = "`manyhands tokens list` shows all of them by their prefixes."


class NoSuchPerson(OpsError):
    """Nobody of this id can sign in, nor ever could."""

    code = "no-such-person"
    hint = "`manyhands people list` shows them with their ids."


class PersonTaken(OpsError):
    """The e-mail address or the id belongs to somebody who signs in already."""

    code = "person-taken"
    hint = "`manyhands people list` shows who; an address is free again when its person is deactivated."


class NotParked(OpsError):
    """Nothing is parked there."""

    code = "not-parked"
    hint = "`manyhands parked list` shows what is parked, and where."


class NotSkippable(OpsError):
    """Entries of this view are never skipped."""

    code = "not-skippable"
    hint = "The timeline is how an event that comes again is known: mend the view, and retry."


class NothingFolded(OpsError):
    """There is no board to read."""

    code = "nothing-folded"
    hint = "Start the processor with `manyhands run referral`, or everything with `manyhands up`."


class ProcessorDied(OpsError):
    """A processor ended by itself."""

    code = "processor-died"
    hint = "The last lines of its log say why."


class RebuildFailed(OpsError):
    """The rebuild ended before its end."""

    code = "rebuild-failed"
    hint = "What was committed stays: mend the cause and go on with --resume."


class RulesOutdated(OpsError):
    """Rules of this build take effect before what was already folded."""

    code = "rules-outdated"
    hint = "Begin the rebuild again with --anew."


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
