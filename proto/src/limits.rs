//! Limits of the protocol: what a node accepts from others, whatever they send.
//!
//! Each is a constant with its reason. Not here: limits a contract sets between two peers
//! (daily bytes, purge deadlines), and limits of a particular node's machine.

/// Bytes of one envelope. A summary of an experiment is a few pages of text; this leaves room for the
/// longest one whose every field is full in practice and keeps a pull batch small.
pub const ENVELOPE_BYTES: usize = 256 * 1024;

/// Bytes of one gRPC message: sixteen full envelopes, and the usual default of gRPC libraries.
pub const MESSAGE_BYTES: usize = 4 * 1024 * 1024;

/// Leaves in one batch: the width of a C2SP tile, 10.5 KiB of leaves a proof.
pub const LEAF_BATCH: usize = 256;

/// Openings in one batch: so many signatures are checked in a blink, and no more wait for the first to fail.
pub const OPENING_BATCH: usize = 1024;

/// Single records asked for at once: more than a person picks from a catalogue.
pub const ONLY: usize = 256;

/// Indices from the first to the last opening of a batch: the receiver reads the leaves between them, 2.6 MiB at most.
pub const OPENING_SPAN: u64 = 65_536;

/// Hashes in one proof: enough for inclusion in 2^63 leaves and for consistency up to 2^62, more than any log will
/// have (C2SP uses the same bound).
pub const PROOF_HASHES: usize = 63;

/// Signatures on an envelope or a note: what C2SP asks every verifier to accept, and no more.
pub const SIGNATURES: usize = 16;

/// Events in one identity chain: a rotation a week for twenty years, verified in well under a second.
pub const IDENTITY_EVENTS: usize = 1024;

/// Recoveries in one identity chain: each may cost 256 signature checks, so that without this bound a stranger
/// could buy minutes of work with one message; an identity that needs more is better begun anew.
pub const RECOVERIES: usize = 32;

/// Keys that together can recover an identity: more people than can be brought into one room.
/// At most 15 must sign: the envelope's sixteenth signature is the new key's.
pub const RECOVERY_KEYS: usize = 16;

/// Successors of one node: more parts than a place is split into. All of them and the node sign one envelope, which takes 16
/// signatures; and eight chains of sixty rotations each fit into it.
pub const SUCCESSORS: usize = 8;

/// Bytes of a file in which a succession is handed round: a long chain and one full envelope.
pub const SUCCESSION_BYTES: usize = 1024 * 1024;

/// Bytes of a long prose field: some five pages.
pub const TEXT_BYTES: usize = 16 * 1024;

/// Bytes of a one-line field (titles, names, addresses).
pub const LINE_BYTES: usize = 300;

/// Items of a list inside a record: more than a reader takes in.
pub const LIST_ITEMS: usize = 64;

/// Nodes named in an audience: beyond that, "all peers" is the honest audience.
pub const NAMED_PEERS: usize = 1000;

/// Lines of one use receipt: what arrives in a day at a node that follows many places.
pub const USES: usize = 1000;

/// Logs of others that one peer may pass on: more places than a country has, and a bound on what a peer can
/// make a node keep.
pub const RELAYED_LOGS: usize = 1024;

/// Bytes of a peering proposal: it is the only thing a stranger may send.
pub const PROPOSAL_BYTES: usize = 8 * 1024;

/// Bytes of a signed checkpoint: three lines and sixteen signatures fit several times over.
pub const CHECKPOINT_BYTES: usize = 16 * 1024;

/// Bytes of an evidence pack: one full envelope, a long identity chain and its witnesses.
pub const EVIDENCE_BYTES: usize = 1024 * 1024;

/// Bytes of a trust list with its author's identity chain: a thousand entries of a line or two.
pub const TRUST_BYTES: usize = 256 * 1024;

/// Entries of a trust list: more than a person goes through one by one.
pub const TRUST_ENTRIES: usize = 1000;

/// Characters of an invitation ticket: what still pastes into any message, and within the length for which
/// the bech32m checksum keeps its strength (1023).
pub const TICKET_CHARS: usize = 1000;

/// Requests a second a peer may make for long: a person never notices, a loop does.
pub const REQUESTS_PER_SECOND: u32 = 5;

/// Requests a peer may make at once: a return after weeks offline asks for many logs together.
pub const REQUEST_BURST: u32 = 200;

/// Name of the limit in the refusal of a peer that has fetched as many bytes of openings as its contract allows in a day.
pub const DAILY_BYTES: &str = "daily bytes";

/// Bytes of openings a day where a contract does not say: 100,000 summaries of 2 KiB get through, and a flood does not.
pub const DAILY_BYTES_UNSAID: u64 = 200 * 1024 * 1024;

/// Largest size of a log: storage and other languages count in signed 64-bit numbers.
pub const LOG_SIZE: u64 = i64::MAX as u64;

/// The protocol version spoken.
pub const PROTOCOL_VERSION: u32 = 1;

/// The lowest protocol version still understood.
pub const MIN_PROTOCOL_VERSION: u32 = 1;
