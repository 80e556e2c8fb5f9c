//! How the node is: status, following of peers, check-up.

use cairn_proto::pb::admin::{
    Finding, FindingState, GetStatusResponse, GetSyncStatusResponse, RunDoctorResponse, SyncEntry,
};

use super::{Page, integrity, text};
use crate::error::Exit;

/// Who the node is and how it is.
pub(crate) fn status(reply: &GetStatusResponse, page: &mut Page) {
    let named =
        if reply.name.is_empty() { "(no name yet: cairn place set --name NAME)" } else { &reply.name };
    page.say(named);
    page.blank();
    page.fields(
        0,
        &[
            ("NodeId", reply.node_id.clone()),
            ("Words", reply.words.clone()),
            ("Others reach it at", reply.endpoint.clone()),
            ("Serving since", text::moment_or(reply.serving_since.as_ref(), "")),
            ("Software", format!("cairn-node {}, data in {}", reply.version, reply.database)),
        ],
    );
    page.blank();
    page.fields(
        0,
        &[
            ("Kept at home", text::count(reply.experiments, "experiment", "experiments")),
            ("In our log", text::count(reply.log_size, "entry", "entries")),
            ("Held from peers", text::count(reply.held_records, "record", "records")),
            ("Peers", text::count(reply.active_peers, "active", "active")),
            ("Our log is cosigned by", integrity::cosigned_by(&reply.cosigned_by)),
        ],
    );
    if reply.waiting_peers > 0 {
        page.blank();
        let waiting = text::count(reply.waiting_peers, "place waits", "places wait");
        page.say(&format!("{waiting} for your answer: see `cairn peer list`."));
    }
    if !reply.gate_closed.is_empty() {
        page.blank();
        page.say("Nothing is signed here for now: see `cairn gate show`.");
    }
    if !reply.succeeded.is_empty() {
        page.blank();
        page.say(&format!(
            "This place was given up, {}. Nothing is released here any more; withdrawals and receipts go on. See `cairn succession \
             show`.",
            reply.succeeded
        ));
    }
    sharing(reply, page);
}

/// What of sharing waits for somebody here.
fn sharing(reply: &GetStatusResponse, page: &mut Page) {
    if let Some(since) = &reply.paused_since {
        page.blank();
        let since = text::moment(since);
        page.say(&format!(
            "All sharing is paused since {since}; withdrawals still flow. To go on: `cairn resume`."
        ));
    }
    if reply.waiting_releases > 0 {
        page.blank();
        let waiting = text::count(reply.waiting_releases, "release waits", "releases wait");
        page.say(&format!("{waiting} for a second person: see `cairn release list --waiting`."));
    }
    if reply.open_withdrawals > 0 {
        page.blank();
        let open = text::count(reply.open_withdrawals, "withdrawal is", "withdrawals are");
        page.say(&format!("{open} not confirmed by every holder: see `cairn withdraw status`."));
    }
}

/// How far each peer was followed.
pub(crate) fn sync(reply: &GetSyncStatusResponse, page: &mut Page) {
    let GetSyncStatusResponse { entries } = reply;
    if entries.is_empty() {
        page.say("There are no peers to follow yet. Invite another place with `cairn peer invite`.");
    }
    for entry in entries {
        let SyncEntry {
            name,
            node_id,
            state,
            leaves,
            settled_to,
            held,
            not_held,
            last_contact,
            last_error,
            via,
            cosigned_by,
            witnessed,
        } = entry;
        let held = text::count(*held, "record", "records");
        let not_held = match not_held {
            0 => String::new(),
            number => format!("; {number} not: not for us, not followed, withdrawn or expired"),
        };
        page.blank();
        page.say(&format!("{name} ({})", text::short_id(node_id)));
        page.fields(
            2,
            &[
                ("State", state.clone()),
                ("Passed on by", via.clone()),
                ("Its log", format!("{} verified", text::count(*leaves, "entry", "entries"))),
                ("Settled", format!("all we follow and may read of the first {settled_to} is here")),
                ("Held here", format!("{held}{not_held}")),
                ("Cosigned by", integrity::cosigned_by(cosigned_by)),
                ("Witnesses", witnessed.clone()),
                ("Last contact", text::moment_or(last_contact.as_ref(), "never")),
                ("What went wrong last", last_error.clone()),
            ],
        );
    }
}

/// The check-up: what needs mending first, with how; what is well last, briefly.
pub(crate) fn doctor(reply: &RunDoctorResponse, page: &mut Page) {
    findings(&reply.findings, page);
}

/// What was found: what needs mending first, with how; what is well last, briefly.
pub(crate) fn findings(findings: &[Finding], page: &mut Page) {
    for (state, heading) in [
        (FindingState::Mend, "Needs mending"),
        (FindingState::Unspecified, "Could not be judged by this version"),
        (FindingState::Look, "Worth a look"),
        (FindingState::Well, "Well"),
    ] {
        let mut found = findings.iter().filter(|finding| state_of(finding) == state).peekable();
        if found.peek().is_some() {
            page.blank();
            page.say(heading);
        }
        for Finding { check, found, mend, state: _ } in found {
            page.bullet(2, &format!("{check}: {found}"));
            page.indented(4, mend);
        }
    }
    if findings.is_empty() {
        page.say("The node looked at nothing. Its version may not know how yet.");
    }
}

/// How a look at something ends: with an error if anything needs mending, so that a timer can call it.
pub(crate) fn outcome(findings: &[Finding]) -> Exit {
    match findings.iter().any(|finding| state_of(finding) == FindingState::Mend) {
        true => Exit::Refused,
        false => Exit::Done,
    }
}

/// The state; one that this version does not know counts as unspecified.
fn state_of(finding: &Finding) -> FindingState {
    FindingState::try_from(finding.state).unwrap_or(FindingState::Unspecified)
}

#[cfg(test)]
mod tests {
    use cairn_proto::pb::admin::{
        Finding, FindingState, GetStatusResponse, GetSyncStatusResponse, RunDoctorResponse, SyncEntry,
    };

    use super::{doctor, outcome, status, sync};
    use crate::error::Exit;
    use crate::output::page::tests::rendered;

    #[test]
    fn a_status_reads_as_a_page() {
        let reply = GetStatusResponse {
            name: "Plymouth Alliance".to_owned(),
            node_id: "cairn1x".to_owned(),
            words: "one two".to_owned(),
            endpoint: "127.0.0.1:7070".to_owned(),
            version: "0.1.0".to_owned(),
            database: "sqlite".to_owned(),
            log_size: 1,
            active_peers: 2,
            waiting_peers: 1,
            ..Default::default()
        };
        let expected = "\
Plymouth Alliance

NodeId              cairn1x
Words               one two
Others reach it at  127.0.0.1:7070
Software            cairn-node 0.1.0, data in sqlite

Kept at home     no experiments
In our log       1 entry
Held from peers  no records
Peers            2 active

1 place waits for your answer: see `cairn peer list`.
";
        assert_eq!(rendered(|page| status(&reply, page)), expected);
    }

    #[test]
    fn a_status_says_what_of_sharing_waits_for_somebody() {
        let reply = GetStatusResponse {
            paused_since: Some(prost_types::Timestamp { seconds: 1_795_404_000, nanos: 0 }),
            waiting_releases: 1,
            open_withdrawals: 2,
            ..Default::default()
        };
        let expected = "\
All sharing is paused since 2026-11-23 03:20 UTC;
withdrawals still flow. To go on: `cairn resume`.

1 release waits for a second person: see `cairn release list
--waiting`.

2 withdrawals are not confirmed by every holder: see `cairn
withdraw status`.
";
        let text = rendered(|page| status(&reply, page));
        assert!(text.ends_with(expected), "{text}");
    }

    #[test]
    fn following_says_what_is_held_and_why_some_is_not() {
        let entry = SyncEntry {
            name: "Dorset".to_owned(),
            node_id: "cairn1dorset".to_owned(),
            state: "up to date".to_owned(),
            leaves: 5,
            settled_to: 5,
            held: 4,
            not_held: 1,
            ..Default::default()
        };
        let expected = "\
Dorset (cairn1dorset)
  State         up to date
  Its log       5 entries verified
  Settled       all we follow and may read of the first 5 is
                here
  Held here     4 records; 1 not: not for us, not followed,
                withdrawn or expired
  Last contact  never
";
        assert_eq!(rendered(|page| sync(&GetSyncStatusResponse { entries: vec![entry] }, page)), expected);
    }

    #[test]
    fn a_check_up_begins_with_what_needs_mending() {
        let finding = |check: &str, state: FindingState, mend: &str| Finding {
            check: check.to_owned(),
            state: state.into(),
            found: "so it is.".to_owned(),
            mend: mend.to_owned(),
        };
        let mut reply = RunDoctorResponse {
            findings: vec![
                finding("Clock", FindingState::Well, ""),
                finding("Disk", FindingState::Mend, "Make room."),
            ],
        };
        let expected = "\
Needs mending
  - Disk: so it is.
    Make room.

Well
  - Clock: so it is.
";
        assert_eq!(rendered(|page| doctor(&reply, page)), expected);
        assert!(matches!(outcome(&reply.findings), Exit::Refused));
        reply.findings.pop();
        assert!(matches!(outcome(&reply.findings), Exit::Done));
    }
}
