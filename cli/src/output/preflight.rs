//! The page that stands before every release.

mod findings;

use cairn_proto::pb::admin::{Preflight, PreflightResponse, Recipient, Withheld};

pub(crate) use self::findings::looked_at;
use super::{Page, text};

/// The page by itself: nothing was to leave.
pub(crate) fn alone(reply: &PreflightResponse, page: &mut Page) {
    let PreflightResponse { page: found } = reply;
    let Some(found) = found else {
        page.say("The node looked at nothing. Its version may not know how yet.");
        return;
    };
    page.say(if found.title.is_empty() { "(without a title)" } else { &found.title });
    whole(found, page);
    page.blank();
    page.say(if found.clear {
        "Nothing stands in the way. Nothing has left: `cairn publish` with the same terms releases it."
    } else {
        "It cannot leave as it stands. Nothing has left."
    });
}

/// Everything on the page but its title.
pub(crate) fn whole(found: &Preflight, page: &mut Page) {
    let Preflight {
        title: _,
        obstacles,
        findings: _,
        numbers: _,
        number_rules: _,
        coverage: _,
        card,
        card_words,
        policy_words,
        recipients,
        withheld,
        later,
        expires_at,
        disclosure_statement,
        needs_second_yes: _,
        second_yes_because: _,
        clear: _,
    } = found;
    page.list("What stands in the way and has to be mended at home", obstacles);
    looked_at(found, page);
    let heading = if card.is_empty() {
        "The policy card, in words".to_owned()
    } else {
        format!("The policy card: {card}")
    };
    page.section(&heading, card_words);
    page.list("Its terms", policy_words);
    page.blank();
    page.say("Who receives it today");
    receivers(recipients, page);
    not_receivers(withheld, page);
    page.section("Who could receive it later", later);
    page.section("When every holder purges it", &text::moment_or(expires_at.as_ref(), "no date is set"));
    page.section("What the record will say was done to protect people", disclosure_statement);
    second_person(found, page);
}

/// Whether somebody else has to say yes, and why.
fn second_person(found: &Preflight, page: &mut Page) {
    if found.needs_second_yes {
        let because = if found.second_yes_because.is_empty() {
            "This release calls for one."
        } else {
            &found.second_yes_because
        };
        page.section("A second person", because);
        page.indented(
            2,
            "It waits here until somebody in another role approves it with `cairn release approve`. Nothing leaves \
             before.",
        );
    }
}

/// The nodes that receive it.
pub(crate) fn receivers(recipients: &[Recipient], page: &mut Page) {
    let rows: Vec<_> =
        recipients.iter().map(|Recipient { name, node_id }| vec![name.clone(), node_id.clone()]).collect();
    page.columns(2, &rows);
    if recipients.is_empty() {
        page.indented(2, "nobody today");
    }
}

/// The peers that do not, and why.
pub(crate) fn not_receivers(withheld: &[Withheld], page: &mut Page) {
    let reason = |Withheld { name, node_id, reason }: &Withheld| {
        let name = if name.is_empty() { node_id } else { name };
        format!("{name}: {reason}")
    };
    page.list("Who does not receive it, and why", withheld.iter().map(reason));
}

#[cfg(test)]
pub(crate) mod tests {
    use cairn_proto::pb::admin::{Coverage, NumberChange, Preflight, PreflightFinding, PreflightResponse};
    use prost_types::Timestamp;

    use super::alone;
    use crate::output::page::tests::rendered;

    /// A page with something of everything.
    pub(crate) fn preflight() -> Preflight {
        let finding = |key: &str, blocks, override_reason: &str| PreflightFinding {
            key: key.to_owned(),
            what: "a person's name".to_owned(),
            part: "noticed".to_owned(),
            text: "Ann Example".to_owned(),
            blocks,
            mend: "Say the role instead.".to_owned(),
            override_reason: override_reason.to_owned(),
        };
        Preflight {
            title: "Paying on trust".to_owned(),
            obstacles: vec!["It is being designed; nothing was tried yet.".to_owned()],
            findings: vec![
                finding("name@noticed", true, ""),
                finding("name@tried", true, "It is a ship."),
                finding("date@tried", false, ""),
            ],
            numbers: vec![NumberChange {
                part: "figures".to_owned(),
                before: "3".to_owned(),
                after: "fewer than 5".to_owned(),
                why: "small numbers can name people".to_owned(),
            }],
            number_rules: "Below 5 nothing exact leaves.".to_owned(),
            coverage: vec![Coverage {
                consent: "the-family".to_owned(),
                parts: vec!["noticed".to_owned()],
                words: "the family: named peers".to_owned(),
                gaps: vec!["it ends at named peers".to_owned()],
                left_out: true,
            }],
            card: "network".to_owned(),
            card_words: "Every active peer of yours may hold it.".to_owned(),
            policy_words: vec!["may be passed on".to_owned()],
            later: "Peers who join later.".to_owned(),
            expires_at: Some(Timestamp { seconds: 1_795_404_000, nanos: 0 }),
            disclosure_statement: "No person is named.".to_owned(),
            needs_second_yes: true,
            second_yes_because: "A finding was overridden.".to_owned(),
            ..Default::default()
        }
    }

    #[test]
    fn the_page_holds_everything_and_begins_with_what_stands_in_the_way() {
        let expected = "\
Paying on trust

What stands in the way and has to be mended at home
  - It is being designed; nothing was tried yet.

What was found in it and stops the release
  - Found       a person's name
    In          noticed
    Words       Ann Example
    What to do  Say the role instead.
    Key         name@noticed

What was found in it and is released all the same
  - Found             a person's name
    In                noticed
    Words             Ann Example
    Released because  It is a ship.
    Key               name@tried

What was found in it and is worth a look
  - Found       a person's name
    In          noticed
    Words       Ann Example
    What to do  Say the role instead.
    Key         date@tried

Numbers that are changed before they leave, to protect
people
  - In            figures
    At home       3
    As it leaves  fewer than 5
    Why           small numbers can name people

Rules for small numbers
  Below 5 nothing exact leaves.

Whose consent it rests on
  - Parts            noticed
    Consent          the-family
    What it says     the family: named peers
    What is missing  it ends at named peers
    So               these parts are left out

The policy card: network
  Every active peer of yours may hold it.

Its terms
  - may be passed on

Who receives it today
  nobody today

Who could receive it later
  Peers who join later.

When every holder purges it
  2026-11-23 03:20 UTC

What the record will say was done to protect people
  No person is named.

A second person
  A finding was overridden.
  It waits here until somebody in another role approves it
  with `cairn release approve`. Nothing leaves before.

It cannot leave as it stands. Nothing has left.
";
        let reply = PreflightResponse { page: Some(preflight()) };
        assert_eq!(rendered(|page| alone(&reply, page)), expected);
    }

    #[test]
    fn what_is_clear_says_what_comes_next() {
        let reply = PreflightResponse { page: Some(Preflight { clear: true, ..Default::default() }) };
        let text = rendered(|page| alone(&reply, page));
        assert!(text.contains("Nothing stands in the way. Nothing has left:"), "{text}");
    }
}
