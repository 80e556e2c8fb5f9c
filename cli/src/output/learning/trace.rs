//! A trace: what a document came from and what it led to, step by step.

use cairn_proto::pb::admin::{TraceDocumentResponse, TraceStep};

use super::{name, titled};
use crate::output::Page;

/// Further in than any trace goes.
const DEEPEST: usize = 20;

/// Both ways.
pub(crate) fn both_ways(reply: &TraceDocumentResponse, page: &mut Page) {
    let TraceDocumentResponse { document, came_from, led_to } = reply;
    let entry = document.clone().unwrap_or_default();
    page.say(&titled(&entry));
    let from = name(&entry);
    way("What it came from", "Nothing here says what it came from.", &from, came_from, page);
    way("What it led to", "Nothing here says what it led to.", &from, led_to, page);
}

fn way(heading: &str, none: &str, from: &str, steps: &[TraceStep], page: &mut Page) {
    page.blank();
    if steps.is_empty() {
        page.say(none);
        return;
    }
    page.say(heading);
    branch(from, steps, 1, page);
}

/// The steps that are one further than `from`, each with those beyond it.
fn branch(from: &str, steps: &[TraceStep], depth: usize, page: &mut Page) {
    for step in steps.iter().filter(|step| step.next == from) {
        let entry = step.document.clone().unwrap_or_default();
        page.bullet(2 * depth, &format!("{}: {}", step.relation, titled(&entry)));
        if depth < DEEPEST {
            branch(&name(&entry), steps, depth + 1, page);
        }
    }
}

#[cfg(test)]
mod tests {
    use cairn_proto::pb::admin::{DocumentEntry, TraceDocumentResponse, TraceStep};

    use super::both_ways;
    use crate::output::page::tests::rendered;

    #[test]
    fn steps_stand_under_those_they_go_on_from() {
        let entry = |kind: &str, id: &str| DocumentEntry {
            kind: kind.to_owned(),
            id: id.to_owned(),
            title: id.to_uppercase(),
            ..DocumentEntry::default()
        };
        let step = |distance, kind: &str, id: &str, next: &str| TraceStep {
            distance,
            document: Some(entry(kind, id)),
            relation: "From".to_owned(),
            next: next.to_owned(),
        };
        let reply = TraceDocumentResponse {
            document: Some(entry("change", "c")),
            came_from: vec![
                step(1, "reflection", "r", "change/c"),
                step(1, "session", "s", "change/c"),
                step(2, "observation", "o", "reflection/r"),
            ],
            led_to: vec![],
        };
        let expected = "\
C (change/c)

What it came from
  - From: R (reflection/r)
    - From: O (observation/o)
  - From: S (session/s)

Nothing here says what it led to.
";
        assert_eq!(rendered(|page| both_ways(&reply, page)), expected);
    }
}
