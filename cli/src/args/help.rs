//! What `cairn --help` says around the list of commands.

/// What `cairn --help` begins with.
pub(super) const ABOUT: &str = "\
A cairn is a pile of stones left by those who walked before. Cairn lets places that serve the public learn \
from each other: each place keeps its own experiments at home, in its own node, and sends signed summaries to \
the peers it chose.

This command speaks to the node of your own place. It never speaks to other places itself, and no summary leaves \
your place except by `cairn publish`, some only after a second person's `cairn release approve`. `cairn preflight` \
shows beforehand what would leave and to whom; `cairn withdraw` takes it back.

To see it all work on this machine, with three places that exchange real cases:

  cairn demo

To begin with a node of your own:

  cairn init --name \"NAME OF YOUR PLACE\"
  cairn-node serve --data-dir ~/.local/share/cairn
  cairn status

To begin to learn:

  cairn cycle new
  cairn entry new";

/// What help ends with. The numbers are those of [`crate::error::Exit`].
pub(super) const EXIT_CODES: &str = "\
Exit codes:
  0   done
  1   refused, or a check failed: the node or a person said no, an evidence pack proves nothing,
      something stops a release, the audit log was changed, `doctor` found something to mend, the demo was not as it should be
  2   the command was not used as it is meant
  3   the node cannot be reached
  4   what was asked for does not exist here
  5   a file or the standard input cannot be read: missing, not text, too large
  70  something happened that should not

`cairn init` ends with the exit code of `cairn-node init`.

With --json, a command prints exactly one JSON value on standard output. Errors are one JSON object on \
standard error: {\"error\":{\"code\":\"not_found\",\"message\":\"...\",\"exit_code\":4}}";
