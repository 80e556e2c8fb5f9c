//! What was found before a release: words that could name a person, numbers that are changed, consents and their gaps.

use cairn_proto::pb::admin::{Coverage, NumberChange, Preflight, PreflightFinding};

use crate::output::Page;

/// What was found in it, how numbers are changed, and what the consents cover.
pub(crate) fn looked_at(found: &Preflight, page: &mut Page) {
    let Preflight { findings, numbers, number_rules, coverage, .. } = found;
    let stops = |finding: &&PreflightFinding| finding.blocks && finding.override_reason.is_empty();
    let overridden = |finding: &&PreflightFinding| !finding.override_reason.is_empty();
    for (heading, of_kind) in [
        ("What was found in it and stops the release", &stops as &dyn Fn(&&PreflightFinding) -> bool),
        ("What was found in it and is released all the same", &overridden),
        ("What was found in it and is worth a look", &|finding| !stops(finding) && !overridden(finding)),
    ] {
        let mut of_kind = findings.iter().filter(of_kind).peekable();
        if of_kind.peek().is_some() {
            page.blank();
            page.say(heading);
        }
        of_kind.for_each(|one| finding(one, page));
    }
    if !numbers.is_empty() {
        page.blank();
        page.say("Numbers that are changed before they leave, to protect people");
    }
    for NumberChange { part, before, after, why } in numbers {
        page.item(
            2,
            &[
                ("In", part.clone()),
                ("At home", before.clone()),
                ("As it leaves", after.clone()),
                ("Why", why.clone()),
            ],
        );
    }
    page.section("Rules for small numbers", number_rules);
    if !coverage.is_empty() {
        page.blank();
        page.say("Whose consent it rests on");
    }
    coverage.iter().for_each(|one| covered(one, page));
}

/// One thing that was found.
fn finding(finding: &PreflightFinding, page: &mut Page) {
    let PreflightFinding { key, what, part, text, blocks: _, mend, override_reason } = finding;
    page.item(
        2,
        &[
            ("Found", what.clone()),
            ("In", part.clone()),
            ("Words", text.clone()),
            ("What to do", if override_reason.is_empty() { mend.clone() } else { String::new() }),
            ("Released because", override_reason.clone()),
            ("Key", key.clone()),
        ],
    );
}

/// What one consent covers.
fn covered(coverage: &Coverage, page: &mut Page) {
    let Coverage { consent, parts, words, gaps, left_out } = coverage;
    let parts = if parts.is_empty() { "all of it".to_owned() } else { parts.join(", ") };
    let then = match (gaps.is_empty(), left_out) {
        (_, true) => "these parts are left out",
        (true, false) => "covered",
        (false, false) => "not covered",
    };
    page.item(
        2,
        &[
            ("Parts", parts),
            ("Consent", if consent.is_empty() { "none is on record".to_owned() } else { consent.clone() }),
            ("What it says", words.clone()),
            ("What is missing", gaps.join("\n")),
            ("So", then.to_owned()),
        ],
    );
}
