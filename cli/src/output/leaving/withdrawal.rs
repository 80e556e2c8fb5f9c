//! What was taken back and how far it is gone, node by node.

use cairn_proto::pb::admin::{Holder, HolderState, ListWithdrawalsResponse, WithdrawResponse, Withdrawal};

use super::{named, titled};
use crate::output::{Page, text};

/// What a receipt is, and what a withdrawal cannot do.
const LIMITS: &str =
    "A receipt is a statement that its holder answers for, and not proof. What was learnt cannot be unread.";

/// What was taken back, or would be.
pub(crate) fn withdrawn(reply: &WithdrawResponse, page: &mut Page) {
    let WithdrawResponse { withdrawal, done } = reply;
    let withdrawal = withdrawal.clone().unwrap_or_default();
    let name = titled(&withdrawal.title, &withdrawal.record_id);
    page.say(&if *done {
        format!("Taken back: {name}")
    } else {
        format!("What would be taken back: {name}")
    });
    body(&withdrawal, page);
    if !done {
        page.list("Parts that can be named with --part", &withdrawal.parts_there);
    }
    page.blank();
    page.say(LIMITS);
    if *done {
        page.blank();
        page.verbatim(
            0,
            &format!("To see how far it is gone: cairn withdraw status {}", withdrawal.record_id),
        );
    } else {
        page.say("Nothing was taken back yet. A withdrawal cannot itself be withdrawn.");
    }
}

/// All withdrawals, newest first.
pub(crate) fn status(reply: &ListWithdrawalsResponse, page: &mut Page) {
    let ListWithdrawalsResponse { withdrawals } = reply;
    if withdrawals.is_empty() {
        page.say("Nothing was taken back.");
        return;
    }
    for withdrawal in withdrawals {
        page.blank();
        page.say(&titled(&withdrawal.title, &withdrawal.record_id));
        body(withdrawal, page);
    }
    page.blank();
    page.say(LIMITS);
}

/// Why, which parts, and how it stands at each holder.
fn body(withdrawal: &Withdrawal, page: &mut Page) {
    let Withdrawal {
        record_id: _,
        title: _,
        reason,
        note,
        parts,
        replaced_by,
        at,
        by,
        holders,
        parts_there: _,
    } = withdrawal;
    page.fields(
        2,
        &[
            ("Reason", reason.clone()),
            ("Note", note.clone()),
            ("Parts", if parts.is_empty() { "the whole record".to_owned() } else { parts.join(", ") }),
            ("In its place stands", replaced_by.clone()),
            ("Taken back", text::moment_or(at.as_ref(), "")),
            ("By", by.clone()),
        ],
    );
    page.blank();
    if holders.is_empty() {
        page.indented(2, "It was given to nobody.");
    } else {
        page.indented(2, "Who was given it, and how it stands there");
    }
    holders.iter().for_each(|one| holder(one, page));
}

/// How it stands at one holder.
fn holder(holder: &Holder, page: &mut Page) {
    let Holder {
        name,
        node_id,
        given_at,
        via,
        state,
        words,
        due_at,
        purged_at,
        backups_until,
        basis,
        review_on,
        asked,
        title_only,
    } = holder;
    let given = match (given_at, via.as_str()) {
        (None, "") => String::new(),
        (Some(at), "") => text::moment(at),
        (None, via) => format!("passed on by {via}"),
        (Some(at), via) => format!("{}, passed on by {via}", text::moment(at)),
    };
    let asked = match asked {
        0 => "not yet".to_owned(),
        1 => "once".to_owned(),
        number => format!("{number} times"),
    };
    page.item(
        4,
        &[
            ("Holder", named(name, node_id)),
            ("How it stands", stands(*state, words)),
            (if *title_only { "Saw its title only" } else { "Was given it" }, given),
            (
                if *title_only { "Must answer by" } else { "Must be gone by" },
                text::moment_or(due_at.as_ref(), ""),
            ),
            ("Says it is gone since", text::moment_or(purged_at.as_ref(), "")),
            ("No backup holds it after", backups_until.clone()),
            ("Keeps it because", basis.clone()),
            ("Looks at that again on", review_on.clone()),
            ("Was asked", asked),
        ],
    );
}

/// The state, with the node's words for it, which hold its age.
fn stands(state: i32, words: &str) -> String {
    let Ok(known) = HolderState::try_from(state) else {
        return format!("{words} (a state that this version does not know: {state})");
    };
    let word = match known {
        HolderState::Unspecified => "not known",
        HolderState::Waiting => "waiting",
        HolderState::Purged => "purged",
        HolderState::NeverHeld => "never held",
        HolderState::Exception => "exception",
        HolderState::Overdue => "overdue",
        HolderState::Unreachable => "unreachable",
    };
    match words {
        "" => word.to_owned(),
        words if words.to_lowercase().starts_with(word) => words.to_owned(),
        words => format!("{word}: {words}"),
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use cairn_proto::pb::admin::{
        Holder, HolderState, ListWithdrawalsResponse, WithdrawResponse, Withdrawal,
    };
    use prost_types::Timestamp;

    use super::{stands, status, withdrawn};
    use crate::output::page::tests::rendered;

    fn at(seconds: i64) -> Option<Timestamp> {
        Some(Timestamp { seconds, nanos: 0 })
    }

    fn withdrawal() -> Withdrawal {
        let waits = Holder {
            name: "South Tyneside".to_owned(),
            node_id: "cairn1qpzry9x8gf2tvdw0".to_owned(),
            given_at: at(1_795_404_000),
            state: HolderState::Waiting.into(),
            words: "told 2 hours ago, no answer yet".to_owned(),
            due_at: at(1_795_490_400),
            asked: 2,
            ..Default::default()
        };
        let keeps = Holder {
            node_id: "cairn1scotland".to_owned(),
            via: "South Tyneside".to_owned(),
            state: HolderState::Exception.into(),
            words: "Exception for 3 days.".to_owned(),
            basis: "Public Records Act".to_owned(),
            review_on: "2027-12-01".to_owned(),
            ..Default::default()
        };
        Withdrawal {
            record_id: "cairn1plymouth/7".to_owned(),
            title: "Paying on trust".to_owned(),
            reason: "mistake".to_owned(),
            by: "systems steward".to_owned(),
            at: at(1_795_404_000),
            holders: vec![waits, keeps],
            parts_there: vec!["noticed".to_owned()],
            ..Default::default()
        }
    }

    #[test]
    fn who_only_saw_a_title_is_not_said_to_have_been_given_the_record() {
        let mut withdrawal = withdrawal();
        withdrawal.holders[0].title_only = true;
        let reply = ListWithdrawalsResponse { withdrawals: vec![withdrawal] };
        let text = rendered(|page| status(&reply, page));
        assert!(text.contains("Saw its title only  2026-11-23") && text.contains("Must answer by"), "{text}");
        assert!(!text.contains("Must be gone by"), "{text}");
    }

    #[test]
    fn a_withdrawal_shows_each_holder_and_says_what_it_cannot_do() {
        let expected = "\
Paying on trust (cairn1plymouth/7)
  Reason      mistake
  Parts       the whole record
  Taken back  2026-11-23 03:20 UTC
  By          systems steward

  Who was given it, and how it stands there
    - Holder           South Tyneside (cairn1qpzry9x8…)
      How it stands    waiting: told 2 hours ago, no answer
                       yet
      Was given it     2026-11-23 03:20 UTC
      Must be gone by  2026-11-24 03:20 UTC
      Was asked        2 times
    - Holder                  cairn1scotland
      How it stands           Exception for 3 days.
      Was given it            passed on by South Tyneside
      Keeps it because        Public Records Act
      Looks at that again on  2027-12-01
      Was asked               not yet

A receipt is a statement that its holder answers for, and
not proof. What was learnt cannot be unread.
";
        let reply = ListWithdrawalsResponse { withdrawals: vec![withdrawal()] };
        assert_eq!(rendered(|page| status(&reply, page)), expected);
    }

    #[test]
    fn what_would_be_taken_back_names_the_parts_and_that_nothing_was_done() {
        let would = WithdrawResponse { withdrawal: Some(withdrawal()), done: false };
        let text = rendered(|page| withdrawn(&would, page));
        assert!(text.starts_with("What would be taken back: Paying on trust"), "{text}");
        assert!(text.contains("Parts that can be named with --part\n  - noticed\n"), "{text}");
        assert!(text.contains("Nothing was taken back yet."), "{text}");
        let done = rendered(|page| withdrawn(&WithdrawResponse { done: true, ..would.clone() }, page));
        assert!(done.contains("cairn withdraw status cairn1plymouth/7"), "{done}");
        assert!(done.contains("and\nnot proof. What was learnt cannot be unread."), "{done}");
    }

    #[test]
    fn a_state_from_newer_software_is_shown_as_such() {
        assert_eq!(stands(77, "asleep"), "asleep (a state that this version does not know: 77)");
        assert_eq!(stands(HolderState::NeverHeld.into(), ""), "never held");
    }
}
