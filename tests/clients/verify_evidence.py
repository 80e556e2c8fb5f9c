#!/usr/bin/env python3
"""Checks evidence packs: who signed a record, and that it stands in the log of its author.

It follows proto/PROTOCOL.md (the numbers in the comments are its sections) and uses no code of Cairn and no generated
code: the standard library, and `cryptography` for the one equation of Ed25519. Nothing is asked of any
node, and nothing is trusted but the hashes and signatures in the file.

    verify_evidence.py FILE...

With one FILE it tells what is proven; with several it says one line for each. The exit code is 0 if all of them hold.
"""

import base64
import functools
import hashlib
import sys
import unicodedata
from datetime import datetime, timezone

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

KIB = 1024
LARGEST_SIZE = 2**63 - 1


class Refused(Exception):
    """Why a pack proves nothing."""


def need(holds, otherwise):
    if not holds:
        raise Refused(otherwise)


def sha256(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


# 1: reading protobuf. The messages of proto/schema, as "number name type"; a star is a list, a capital a message.
# Enumerations, truths and signed numbers are read as what they are on the wire: unsigned numbers.

SCHEMA = {
    "EvidencePack": "1 identity Envelope*, 2 envelope bytes, 3 salt bytes, 4 index uint64, 5 inclusion_proof bytes*,"
                    "6 checkpoint string, 7 witnesses WitnessIdentity*",
    "WitnessIdentity": "1 identity Envelope*",
    "Envelope": "1 payload bytes, 2 payload_type string, 3 signatures Signature*",
    "Signature": "1 sig bytes, 2 keyid string",
    "Inception": "1 signing_key bytes, 2 witness_key bytes, 3 next_key_hash bytes, 4 recovery_keys bytes*,"
                 "5 recovery_threshold uint32, 6 nonce bytes",
    "Rotation": "1 node_id string, 2 seq uint32, 3 previous bytes, 4 signing_key bytes, 5 witness_key bytes,"
                "6 next_key_hash bytes, 7 log_size uint64",
    "Recovery": "1 node_id string, 2 seq uint32, 3 previous bytes, 4 signing_key bytes, 5 witness_key bytes,"
                "6 next_key_hash bytes, 7 log_size uint64, 8 recovery_keys bytes*, 9 recovery_threshold uint32,"
                "10 keeps_succession uint64",
    "Succession": "1 node_id string, 2 seq uint32, 3 previous bytes, 4 log_size uint64, 5 kind uint32,"
                  "6 successors Successor*",
    "Successor": "1 identity Envelope*",
    "Record": "1 author string, 2 index uint64, 3 identity_seq uint32, 4 created_at Timestamp, 5 policy Policy,"
              "6 consent ConsentStatement, 7 disclosure DisclosureStatement, 8 references Reference*,"
              "16 profile Profile, 17 experiment_summary ExperimentSummary, 18 retraction Retraction,"
              "19 purge_receipt PurgeReceipt, 20 group Group, 21 use_receipt UseReceipt",
    "Timestamp": "1 seconds uint64, 2 nanos uint32",
    "Policy": "1 audience Audience, 2 purposes uint32*, 3 prohibited uint32*, 4 relay uint32, 5 back_fill uint32,"
              "6 name_place uint32, 7 expires_at Timestamp, 8 licence string",
    "Audience": "1 named_peers NamedPeers, 2 all_peers Empty, 3 public Empty, 4 group GroupMembers",
    "NamedPeers": "1 node_ids string*",
    "GroupMembers": "1 group_id string",
    "Empty": "",
    "ConsentStatement": "1 state uint32, 2 commitment bytes",
    "DisclosureStatement": "1 statement string, 2 rule_set string, 3 checked_by string, 4 checked_on string",
    "Reference": "1 kind uint32, 2 author string, 3 index uint64, 4 what_changed string, 5 why_changed string,"
                 "6 context_difference string",
    "Scale": "1 built_in uint32, 2 own string",
    "Profile": "1 name string, 2 scale Scale, 3 geography string, 4 themes string*, 5 contacts Contact*,"
               "6 about string",
    "Contact": "1 role string, 2 reach string",
    "ExperimentSummary": "1 title string, 2 whose string, 3 kind string, 4 state uint32, 5 scale Scale,"
                         "6 themes string*, 7 practice_areas string*, 8 questions string*, 9 tried string,"
                         "10 why string, 11 context string, 12 unknowns string, 13 noticed string, 14 figures Figure*,"
                         "15 surprised string, 16 went_wrong string, 17 learnt string, 18 how_sure string,"
                         "19 headwinds Force*, 20 tailwinds Force*, 21 principle string, 22 may_not_travel string,"
                         "23 compromises string, 24 voices_in string*, 25 voices_missing string*,"
                         "26 declaration Declaration, 27 began string, 28 ended string, 29 as_of string,"
                         "30 sources Source*",
    "Figure": "1 value string, 2 question string, 3 context string, 4 interpretation string, 5 caveat string",
    "Force": "1 what string, 2 scale Scale",
    "Declaration": "1 kind uint32, 2 declared_on string",
    "Source": "1 title string, 2 locator string, 3 licence string, 4 url string",
    "Retraction": "1 withdrawn_index uint64, 2 reason uint32, 3 note string, 4 parts string*, 5 replaced_by uint64",
    "PurgeReceipt": "1 author string, 2 index uint64, 3 retraction_index uint64, 4 outcome uint32, 5 at Timestamp,"
                    "6 backups_until string, 7 passed_on_to string*, 8 exception PurgeException, 9 software string",
    "PurgeException": "1 basis string, 2 review_on string",
    "Group": "1 id string, 2 name string, 3 about string",
    "UseReceipt": "1 author string, 2 uses Use*",
    "Use": "1 index uint64, 2 kind uint32",
}
FIELDS = {
    message: {int(field.split()[0]): (field.split()[1], field.split()[2].rstrip("*"), field.endswith("*"))
              for field in fields.split(",") if field}
    for message, fields in SCHEMA.items()
}
DEFAULTS = {"bytes": b"", "string": "", "uint64": 0, "uint32": 0}
VARINT, FIXED64, DELIMITED, GROUP, END_GROUP, FIXED32 = range(6)
DEEPEST = 100


class Reader:
    """Takes one piece after the other from the bytes of a message."""

    def __init__(self, data):
        self.data, self.at = data, 0

    def more(self):
        return self.at < len(self.data)

    def take(self, count):
        need(count <= len(self.data) - self.at, "a protobuf field is longer than what is there")
        self.at += count
        return self.data[self.at - count:self.at]

    def varint(self):
        number = 0
        for place in range(10):
            byte = self.take(1)[0]
            number |= (byte & 0x7F) << (7 * place)
            if byte < 0x80:
                need(number < 2**64, "a protobuf number has more than 64 bits")
                return number
        raise Refused("a protobuf number has more than 64 bits")

    def tag(self):
        key = self.varint()
        need(8 <= key < 2**32 and key & 7 <= FIXED32, "a protobuf field has an impossible number or type")
        return key >> 3, key & 7

    def skip(self, number, wire, depth):
        """Passes over a field that is not known here."""
        need(depth > 0, "protobuf groups lie too deep in each other")
        if wire == VARINT:
            self.varint()
        elif wire == DELIMITED:
            self.take(self.varint())
        elif wire == GROUP:
            inner, inner_wire = self.tag()
            while inner_wire != END_GROUP:
                self.skip(inner, inner_wire, depth - 1)
                inner, inner_wire = self.tag()
            need(inner == number, "a protobuf group ends that did not begin")
        else:
            need(wire != END_GROUP, "a protobuf group ends that did not begin")
            self.take({FIXED64: 8, FIXED32: 4}[wire])


def read(message, data, depth=DEEPEST, known=None):
    """The fields of a message by name; what is not there has its default."""
    fields, reader = FIELDS[message], Reader(data)
    if known is None:
        known = {name: [] if many else DEFAULTS.get(kind) for name, kind, many in fields.values()}
    while reader.more():
        number, wire = reader.tag()
        if number not in fields:
            reader.skip(number, wire, depth)
            continue
        name, kind, many = fields[number]
        if kind in ("uint32", "uint64"):
            if many and wire == DELIMITED:
                packed = Reader(reader.take(reader.varint()))
                while packed.more():
                    known[name].append(packed.varint() % 2**32)
                continue
            need(wire == VARINT, f"{name} is not a number")
            value = reader.varint() % (2**32 if kind == "uint32" else 2**64)
        else:
            need(wire == DELIMITED, f"{name} is not a piece of bytes")
            value = reader.take(reader.varint())
            if kind == "string":
                try:
                    value = value.decode("utf-8")
                except UnicodeDecodeError:
                    raise Refused(f"{name} is not UTF-8") from None
            elif kind != "bytes":
                need(depth > 0, "protobuf messages lie too deep in each other")
                # A second part of a single message adds to the first.
                value = read(kind, value, depth - 1, None if many else known[name])
        if many:
            known[name].append(value)
        else:
            # The last one stands last: of several bodies of a record it is the one that counts.
            known.pop(name)
            known[name] = value
    return known


# 2: names.

CHARSET = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"


def bech32m(prefix, data):
    """BIP 350. The bits of 32 bytes fill 52 groups of five, with four zero bits at the end."""
    bits = int.from_bytes(data, "big") << (-len(data) * 8 % 5)
    groups = [bits >> shift & 31 for shift in range((len(data) * 8 + 4) // 5 * 5 - 5, -1, -5)]
    checksum = 1
    for value in [ord(c) >> 5 for c in prefix] + [0] + [ord(c) & 31 for c in prefix] + groups + [0] * 6:
        top = checksum >> 25
        checksum = (checksum & 0x1FFFFFF) << 5 ^ value
        for place, generator in enumerate((0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)):
            checksum ^= generator if top >> place & 1 else 0
    checksum ^= 0x2BC830A3
    groups += [checksum >> shift & 31 for shift in range(25, -1, -5)]
    return prefix + "1" + "".join(CHARSET[group] for group in groups)


# 3: keys and signatures.

P = 2**255 - 19
D = -121665 * pow(121666, -1, P) % P
ORDER = 2**252 + 27742317777372353535851937790883648493


@functools.lru_cache(maxsize=1024)
def good_point(encoded):
    """Whether 32 bytes are the canonical encoding of a point that is not of small order."""
    y = int.from_bytes(encoded, "little") % 2**255  # the last bit is the sign of x
    # The curve is y^2 - x^2 = 1 + d x^2 y^2. A square root of x^2 must exist.
    if len(encoded) != 32 or y >= P or pow(x_squared(y), (P - 1) // 2, P) == P - 1:
        return False
    # Eight times a point of small order is the neutral one, whose y is 1. Doubling needs squares only. (A wrong sign
    # is possible only where x is 0, and those two points are of small order.)
    for _ in range(3):
        x2, y2 = x_squared(y), y * y % P
        y = (y2 + x2) * pow(1 - D * x2 * y2, -1, P) % P
    return y != 1


def x_squared(y):
    return (y * y - 1) * pow(D * y * y + 1, -1, P) % P


def public_key(encoded):
    need(good_point(encoded), "a public key is not 32 bytes of a good point of the curve in its only encoding")
    return encoded


def signature_holds(key, message, signature):
    """Strict verification. `cryptography` computes R anew without the cofactor and compares the bytes."""
    if len(signature) != 64 or not good_point(key) or not good_point(signature[:32]):
        return False
    if int.from_bytes(signature[32:], "little") >= ORDER:
        return False
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, message)
    except InvalidSignature:
        return False
    return True


# 4: envelopes.

TYPES = {f"application/vnd.cairn.{kind}.v1+protobuf": kind for kind in (
    "inception", "rotation", "recovery", "succession", "peering-contract", "record", "experiment-declaration",
    "trust-list")}


def varint_length(number):
    return max(1, (number.bit_length() + 6) // 7)


def field_length(content):
    return 1 + varint_length(content) + content if content else 0


def kind_of(envelope):
    """The kind of an envelope whose bounds hold."""
    signatures = envelope["signatures"]
    length = field_length(len(envelope["payload"])) + field_length(len(envelope["payload_type"].encode()))
    for one in signatures:
        inner = field_length(len(one["sig"])) + field_length(len(one["keyid"].encode()))
        length += 1 + varint_length(inner) + inner
    need(length <= 256 * KIB, "an envelope is larger than 256 KiB")
    need(envelope["payload_type"] in TYPES, "an envelope holds a payload of an unknown type")
    need(1 <= len(signatures) <= 16, "an envelope has no signature or more than 16")
    need(all(len(one["sig"]) == 64 for one in signatures), "a signature does not have 64 bytes")
    return TYPES[envelope["payload_type"]]


def verify_envelope(envelope, kind, keys, threshold=1):
    """The payload, once so many of these keys have signed it."""
    found = kind_of(envelope)
    need(found == kind, f"an envelope holds a {found} where a {kind} is needed")
    payload, payload_type = envelope["payload"], envelope["payload_type"].encode()
    pae = b"DSSEv1 %d %s %d %s" % (len(payload_type), payload_type, len(payload), payload)
    signers = {key for key in keys if any(signature_holds(key, pae, one["sig"]) for one in envelope["signatures"])}
    need(len(signers) >= threshold, f"{len(signers)} of the {threshold} keys that must sign the {kind} have signed it")
    return payload


# 5: identity.

class Identity:
    """A verified identity chain."""

    def __init__(self, chain):
        need(1 <= len(chain) <= 1024, "the identity chain is empty or has more than 1024 events")
        self.epochs, self.recoveries, self.witnessing_from = [], 0, 0
        self.succession, self.all_events, self.all_recoveries = None, len(chain), 0
        self.begin(chain[0])
        for seq, event in enumerate(chain[1:], 1):
            self.follow(seq, event)

    def begin(self, event):
        need(kind_of(event) == "inception", "the identity chain does not begin with an inception")
        first = read("Inception", event["payload"])
        need(len(event["signatures"]) == 1, "an inception is signed by its signing key and nobody else")
        verify_envelope(event, "inception", [public_key(first["signing_key"])])
        need(len(first["nonce"]) == 16, "the nonce of the inception does not have 16 bytes")
        self.newest = sha256(event["payload"])
        self.node_id = bech32m("cairn", self.newest)
        self.origin = "cairn/" + self.node_id
        self.recovery_rule(first)
        self.open_epoch(0, first, 0)

    def follow(self, seq, event):
        kind = kind_of(event)
        if kind == "succession":
            return self.give_up(seq, event)
        if kind == "rotation":
            need(len(event["signatures"]) == 2, "a rotation is signed by the old and the new key and nobody else")
            payload = verify_envelope(event, kind, [self.epochs[-1]["signing"]])
            change, smallest = read("Rotation", payload), self.epochs[-1]["from"]
            need(sha256(change["signing_key"]) == self.next_key_hash, "a rotation brings a key not committed to")
        else:
            need(kind == "recovery", f"a {kind} stands in the identity chain")
            self.recoveries += 1
            self.count(0, 1)
            payload = verify_envelope(event, kind, self.recovery_keys, self.threshold)
            change, smallest = read("Recovery", payload), 0
            self.recovery_rule(change)
            self.witnessing_from = seq
        verify_envelope(event, kind, [public_key(change["signing_key"])])
        need(change["node_id"] == self.node_id, f"the {kind} is of another node")
        need(change["seq"] == seq, f"the {kind} does not stand at its place in the chain")
        need(change["previous"] == self.newest, f"the {kind} does not follow the event before it")
        need(smallest <= change["log_size"] <= LARGEST_SIZE, f"the {kind} begins at an impossible size of the log")
        self.newest = sha256(payload)
        if kind == "recovery":
            self.lift(change["log_size"], change["keeps_succession"] != 0)
        self.open_epoch(seq, change, change["log_size"])
        for successor in self.succession["identities"] if self.succession else []:
            need(self.keys().isdisjoint(successor.keys()), "a key of a successor is used a second time")

    def give_up(self, seq, event):
        """Who goes on in the place of this node. The chains inside count as if they were part of this one."""
        payload = verify_envelope(event, "succession", [self.epochs[-1]["signing"]])
        said = read("Succession", payload)
        need(said["node_id"] == self.node_id, "the succession is of another node")
        need(said["seq"] == seq, "the succession does not stand at its place in the chain")
        need(said["previous"] == self.newest, "the succession does not follow the event before it")
        need(self.succession is None, "there are two successions")
        need(self.epochs[-1]["from"] <= said["log_size"] <= LARGEST_SIZE, "the succession begins at an impossible size")
        chains = [one["identity"] for one in said["successors"]]
        need(said["kind"] in (1, 2) and len(chains) == 1 or said["kind"] == 3 and 2 <= len(chains) <= 8,
             "the number of successors does not fit what became of the place")
        need(len(event["signatures"]) == 1 + len(chains), "a succession is signed by its node, its successors and nobody else")
        self.count(sum(map(len, chains)), sum(one["payload_type"].endswith(".recovery.v1+protobuf")
                                              for chain in chains for one in chain))
        types = {one["payload_type"] for chain in chains for one in chain}
        need("application/vnd.cairn.succession.v1+protobuf" not in types, "a successor has a succession itself")
        identities = [Identity(chain) for chain in chains]
        need(len({self.node_id, *(one.node_id for one in identities)}) == 1 + len(identities), "a successor is named twice")
        keys = [self.keys(), *(one.keys() for one in identities)]
        need(len(set().union(*keys)) == sum(map(len, keys)), "a key of a successor is used a second time")
        verify_envelope(event, "succession", [one.epochs[-1]["signing"] for one in identities], len(identities))
        self.newest = sha256(payload)
        self.succession = {"log_size": said["log_size"], "identities": identities}

    def lift(self, size, keeps):
        begins = self.succession["log_size"] if self.succession else None
        need(not keeps or begins is not None and size >= begins, "a recovery keeps a succession that is not there")
        if begins is not None and size <= begins and not keeps:
            self.succession = None

    def count(self, events, recoveries):
        self.all_events, self.all_recoveries = self.all_events + events, self.all_recoveries + recoveries
        need(self.all_events <= 1024, "the identity chain has more than 1024 events, those inside counted")
        need(self.all_recoveries <= 32, "the identity chain has more than 32 recoveries, those inside counted")

    def keys(self):
        return {epoch[role] for epoch in self.epochs for role in ("signing", "witness")} | set(self.recovery_keys)

    def recovery_rule(self, event):
        keys, threshold = [public_key(key) for key in event["recovery_keys"]], event["recovery_threshold"]
        need(len(keys) <= 16 and len(set(keys)) == len(keys), "there are more than 16 recovery keys, or one twice")
        need(1 <= threshold <= min(len(keys), 15), "the recovery threshold cannot be")
        self.recovery_keys, self.threshold = keys, threshold

    def open_epoch(self, seq, event, begin):
        signing, witness = event["signing_key"], public_key(event["witness_key"])
        earlier = {epoch["signing"] for epoch in self.epochs}, {epoch["witness"] for epoch in self.epochs}
        need(signing not in earlier[0] | earlier[1] | {witness}, "a signing key is used a second time")
        need(witness not in earlier[0], "a signing key became a witness key")
        used = {signing, witness} | earlier[0] | earlier[1]
        need(used.isdisjoint(self.recovery_keys), "a recovery key is used for something else")
        need(len(event["next_key_hash"]) == 32, "the hash of the next key does not have 32 bytes")
        self.next_key_hash = event["next_key_hash"]
        for epoch in self.epochs:
            epoch["until"] = min(epoch["until"], begin)
        # Beyond every size: this epoch is open.
        self.epochs.append({"seq": seq, "signing": signing, "witness": witness, "from": begin, "until": 2**64})

    def epoch_at(self, index):
        found = [epoch for epoch in self.epochs if epoch["from"] <= index < epoch["until"]]
        need(found, f"no key of the author may sign index {index}")
        return found[0]

    def head_keys(self, size):
        return [epoch["signing"] for epoch in self.epochs if epoch["from"] <= size <= epoch["until"]]

    def witness_keys(self):
        return {epoch["witness"] for epoch in self.epochs if epoch["seq"] >= self.witnessing_from}


# 6: log.

def leaf_hash(salt, envelope):
    commitment = sha256(b"cairn/commit/v1\0", salt, envelope)
    leaf = b"\x01\x01" + bytes(8) + commitment
    return sha256(b"\0", leaf)


def root_from(proof, hashed, index, size):
    """The root that an inclusion proof leads to; RFC 9162, 2.1.3.2."""
    need(index < size, "the log is too short for the record")
    place, last = index, size - 1
    for sibling in proof:
        need(last > 0, "the inclusion proof is too long")
        if place & 1 or place == last:
            hashed = sha256(b"\1", sibling, hashed)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            hashed = sha256(b"\1", hashed, sibling)
        place, last = place >> 1, last >> 1
    need(last == 0, "the inclusion proof is too short")
    return hashed


# 7: checkpoint and cosignature.

def decimal(text):
    need(text.isascii() and text.isdigit() and (text == "0" or text[0] != "0"), "a number is not in its only spelling")
    return int(text[:20])


def unbase64(text):
    try:
        data = base64.b64decode(text.encode("ascii"), validate=True)
    except ValueError:
        raise Refused("base64 is not well-formed") from None
    need(base64.b64encode(data).decode() == text, "base64 has stray bits")
    return data


class Note:
    """A signed note, and the checkpoint in it."""

    def __init__(self, note):
        need(len(note.encode()) <= 16 * KIB, "the checkpoint is larger than 16 KiB")
        need(all(c >= " " or c == "\n" for c in note), "the checkpoint has control characters")
        need(note.endswith("\n") and "\n\n" in note[:-1], "the checkpoint is not a text, a blank line and signatures")
        text, lines = note[:-1].rsplit("\n\n", 1)
        self.text, self.signatures = text + "\n", [self.signature(line) for line in lines.split("\n")]
        need(len(self.signatures) <= 16, "the checkpoint has more than 16 signatures")
        lines = text.split("\n")
        need(len(lines) == 3, "the checkpoint does not have three lines")
        self.origin, self.size, self.root = lines[0], decimal(lines[1]), unbase64(lines[2])
        need(self.size <= LARGEST_SIZE and len(self.root) == 32, "the checkpoint has an impossible size or root")
        need(self.size > 0 or self.root == sha256(), "an empty log has another root")

    @staticmethod
    def signature(line):
        parts = line.split(" ", 2)
        need(len(parts) == 3 and parts[0] == "—", "a signature line of the checkpoint is not one")
        name, blob = parts[1], unbase64(parts[2])
        bad = [c for c in name if c.isspace() or c == "+" or unicodedata.category(c) == "Cc"]
        need(name and not bad and len(blob) > 4, "a signature line of the checkpoint is not one")
        return name, blob[:4], blob[4:]

    def signed_by(self, name, kind, key):
        """The signatures that name this key."""
        key_id = sha256(name.encode(), b"\n", bytes([kind]), key)[:4]
        return [blob for other, other_id, blob in self.signatures if (other, other_id) == (name, key_id)]

    def verify_head(self, author):
        need(self.origin == author.origin, "the checkpoint is of another log")
        found = [(key, one) for key in author.head_keys(self.size) for one in self.signed_by(self.origin, 1, key)]
        need(found, f"the checkpoint is not signed by the key of the author at size {self.size}")
        need(all(signature_holds(key, self.text.encode(), one) for key, one in found),
             "a signature of the checkpoint is wrong")

    def cosigned_at(self, witness):
        times = []
        for key in witness.witness_keys():
            for blob in self.signed_by(witness.origin, 4, key):
                time = int.from_bytes(blob[:8], "big")
                text = f"cosignature/v1\ntime {time}\n{self.text}".encode()
                need(time <= LARGEST_SIZE and signature_holds(key, text, blob[8:]),
                     f"the cosignature of {witness.node_id} is wrong")
                times.append(time)
        need(times, f"{witness.node_id} is named as a witness and has not cosigned")
        return max(times)


# 8: the record.

def open_record(encoded, author, index):
    need(len(encoded) <= 256 * KIB, "the envelope is larger than 256 KiB")
    epoch = author.epoch_at(index)
    record = read("Record", verify_envelope(read("Envelope", encoded), "record", [epoch["signing"]]))
    need(record["author"] == author.node_id, "the record names another author")
    need(record["index"] == index, "the record was made for another index")
    need(record["identity_seq"] == epoch["seq"], "the record names another key than the one that signed it")
    frozen = author.succession["log_size"] if author.succession else LARGEST_SIZE + 1
    need(index < frozen or body_of(record) in ("retraction", "purge_receipt"),
         "the record counts for nothing: its author named who goes on in its place before it")
    return record


def body_of(record):
    """The name of the body: the last one that is there."""
    bodies = ("profile", "experiment_summary", "retraction", "purge_receipt", "group", "use_receipt")
    return ([name for name, value in record.items() if name in bodies and value is not None] or [None])[-1]


# 9: the evidence pack, in the order given there.

MAGIC = b"cairn-evidence/v1\n"


def verify(data):
    """Author, record, index, checkpoint, and who saw that checkpoint when."""
    need(len(data) <= 1024 * KIB, "the file is larger than 1 MiB")
    need(data.startswith(MAGIC), "this is not an evidence file: its first line is not cairn-evidence/v1")
    pack = read("EvidencePack", data[len(MAGIC):])
    author = Identity(pack["identity"])
    record = open_record(pack["envelope"], author, pack["index"])
    note = Note(pack["checkpoint"])
    note.verify_head(author)
    proof = pack["inclusion_proof"]
    need(len(pack["salt"]) == 32 and all(len(one) == 32 for one in proof), "salt or proof do not have 32 bytes each")
    need(len(proof) <= 63, "the inclusion proof has more than 63 hashes")
    hashed = leaf_hash(pack["salt"], pack["envelope"])
    need(root_from(proof, hashed, pack["index"], note.size) == note.root, "the record is not in the log of its author")
    need(len(pack["witnesses"]) <= 16, "the pack names more than 16 witnesses")
    seen = {}
    for chain in pack["witnesses"]:
        witness = Identity(chain["identity"])
        need(witness.node_id != author.node_id and witness.node_id not in seen,
             "a witness is the author, or is named twice")
        seen[witness.node_id] = note.cosigned_at(witness)
    return author, record, pack["index"], note, seen


def plain(text):
    """Words of others, so that they cannot play with the screen."""
    return "".join(c if c.isprintable() else "?" for c in text)


def moment(seconds):
    try:
        return datetime.fromtimestamp(seconds, timezone.utc).strftime("%Y-%m-%d %H:%M:%S UTC")
    except (ValueError, OverflowError, OSError):
        return f"second {seconds}"


def about(record):
    bodies = [FIELDS["Record"][number][0] for number in range(16, 22)]
    bodies = [name for name in bodies if record[name] is not None]
    if not bodies:
        return "of a kind that is not known here"
    body = record[bodies[0]]
    title = body.get("title") or body.get("name") or ""
    return bodies[0].replace("_", " ") + (f' "{plain(title)}"' if title else "")


def audience(record):
    kinds = (record["policy"] or {}).get("audience") or {}
    if kinds.get("named_peers") is not None:
        return "named peers: " + plain(", ".join(kinds["named_peers"]["node_ids"]))
    if kinds.get("group") is not None:
        return "the members of the group " + plain(kinds["group"]["group_id"])
    words = {"all_peers": "all peers of its author", "public": "anyone"}
    return next((words[kind] for kind in words if kinds.get(kind) is not None), "nobody in particular")


def tell(author, record, index, note, seen):
    print(f"Proven by this file alone:\n\n* {author.node_id}\n  signed this record: {about(record)}")
    print(f"  (identity event {record['identity_seq']} of {len(author.epochs)}, counted from 0).")
    if author.succession:
        print("* Its author has named since who goes on in its place:")
        for one in author.succession["identities"]:
            print(f"  {one.node_id}")
    print(f"* It stands at index {index} of the log of its author, of {note.size} entries then,")
    print(f"  under the root {base64.b64encode(note.root).decode()}.")
    for witness, time in seen.items():
        print(f"* {witness}\n  saw that head at {moment(time)}, by its own clock.")
    if not seen:
        print("* No witness is named: that the author showed others the same log is not proven here.")
    print(f"\nThe record says it is for: {audience(record)}.")
    print("Not proven: that the record is true, that the identity chain is the newest, that the record was not")
    print("withdrawn since, and whose node that is: compare its name with one you have from the place itself.")


def main(paths):
    if not paths:
        print(__doc__.strip(), file=sys.stderr)
        return 2
    failed = 0
    for path in paths:
        try:
            with open(path, "rb") as file:
                proven = verify(file.read(1024 * KIB + 1))
        except (Refused, OSError) as why:
            print(f"refused: {path}: {why}")
            failed = 1
            continue
        if len(paths) == 1:
            tell(*proven)
        else:
            print(f"proven: {path}: {proven[0].node_id}/{proven[2]}")
    return failed


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
