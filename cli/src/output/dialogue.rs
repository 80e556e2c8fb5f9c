//! Responses, messages, threads and lineage. In the order of time, all alike, and nothing added up.

use cairn_proto::pb::{
    admin::{GetLineageResponse, GetThreadResponse, LineageEntry, ThreadEntry},
    exchange::{Message, Response},
};

use super::{Page, text, words};

/// How a place stands to a record.
pub(crate) fn response(response: &Response, page: &mut Page) {
    page.say("A response");
    page.blank();
    page.fields(0, &answer(response));
}

fn answer(response: &Response) -> [(&'static str, String); 4] {
    let Response { kind, context, account, why } = response;
    [
        ("How it stands to it", words::response_kind(*kind)),
        ("Its context", context.clone()),
        ("What it saw", account.clone()),
        ("Why", why.clone()),
    ]
}

/// A word in a thread.
pub(crate) fn message(message: &Message, page: &mut Page) {
    let Message { kind, text } = message;
    page.say(&format!("A message: {}", words::message_kind(*kind)));
    page.blank();
    page.indented(2, text);
}

/// A thread.
pub(crate) fn thread(reply: &GetThreadResponse, page: &mut Page) {
    let GetThreadResponse { root, entries, not_shown } = reply;
    if let Some(root) = root {
        let ThreadEntry { record_id, who, title, gone, .. } = root;
        let title = if gone.is_empty() { title.as_str() } else { "(not shown)" };
        page.say(&format!("About \"{title}\", of {who}"));
        page.fields(2, &[("Record", record_id.clone()), ("Why it is not shown", gone.clone())]);
    }
    if entries.is_empty() {
        page.blank();
        page.say("Nothing that was said about it is held here.");
    }
    for entry in entries {
        page.blank();
        said(entry, page);
    }
    page.list("Held and not shown", not_shown);
}

/// Something that was said.
fn said(entry: &ThreadEntry, page: &mut Page) {
    let ThreadEntry {
        record_id,
        who,
        kind,
        title: _,
        response,
        message,
        created_at,
        answers,
        audience,
        gone,
    } = entry;
    if !gone.is_empty() {
        page.say(&format!("{who}, {record_id}"));
        page.indented(2, &format!("Not here: {gone}."));
        return;
    }
    let signed = text::moment_or(created_at.as_ref(), "no time is given");
    page.say(&format!("{who}, {signed}: {kind}"));
    match (response, message) {
        (Some(response), _) => page.fields(2, &answer(response)),
        (None, Some(message)) => page.indented(2, &message.text),
        (None, None) => {}
    }
    page.fields(2, &[("Record", record_id.clone()), ("Answers", answers.clone()), ("For", audience.clone())]);
}

/// A lineage.
pub(crate) fn lineage(reply: &GetLineageResponse, page: &mut Page) {
    let GetLineageResponse { record, came_from, led_to, not_shown } = reply;
    if let Some(record) = record {
        step(record, page);
    }
    for (heading, none, steps) in [
        ("What it came from", "It says of nothing that it came from it.", came_from),
        ("What came from it", "Nothing that came from it is held here.", led_to),
    ] {
        page.blank();
        page.say(if steps.is_empty() { none } else { heading });
        for one in steps {
            page.blank();
            step(one, page);
        }
    }
    page.list("Held and not shown", not_shown);
}

fn step(entry: &LineageEntry, page: &mut Page) {
    let LineageEntry {
        record_id,
        steps,
        who,
        title,
        context,
        state,
        what_changed,
        why_changed,
        context_difference,
        gone,
    } = entry;
    let indent = usize::try_from((*steps).min(4)).unwrap_or(0) * 2;
    let title = if gone.is_empty() { title.as_str() } else { "(not shown)" };
    page.indented(indent, &format!("{who}: {title}"));
    page.fields(
        indent + 2,
        &[
            ("Record", record_id.clone()),
            ("Why it is not shown", gone.clone()),
            ("Where it stands", state.clone()),
            ("Context", context.clone()),
            ("What was changed", what_changed.clone()),
            ("Why", why_changed.clone()),
            ("How the context differs", context_difference.clone()),
        ],
    );
}

#[cfg(test)]
mod tests {
    use cairn_proto::pb::exchange::{MessageKind, ResponseKind};

    use super::*;
    use crate::output::page::tests::rendered;

    fn entry(index: u64, who: &str) -> ThreadEntry {
        ThreadEntry { record_id: format!("cairn1x/{index}"), who: who.to_owned(), ..Default::default() }
    }

    #[test]
    fn a_thread_is_read_from_top_to_bottom() {
        let stopped = Response {
            kind: ResponseKind::Stopped.into(),
            context: "A county.".to_owned(),
            account: "One village.".to_owned(),
            why: "The worker left.".to_owned(),
        };
        let question = Message { kind: MessageKind::Question.into(), text: "When was that?".to_owned() };
        let reply = GetThreadResponse {
            root: Some(ThreadEntry { title: "Alliancing".to_owned(), ..entry(0, "South Tyneside") }),
            entries: vec![
                ThreadEntry {
                    kind: "response".to_owned(),
                    response: Some(stopped),
                    audience: "one named peer".to_owned(),
                    ..entry(1, "Dorset")
                },
                ThreadEntry {
                    kind: "question".to_owned(),
                    message: Some(question),
                    answers: "cairn1x/1".to_owned(),
                    ..entry(2, "South Tyneside")
                },
                ThreadEntry { gone: "it was withdrawn or has expired".to_owned(), ..entry(3, "Dorset") },
            ],
            not_shown: vec![],
        };
        let expected = "\
About \"Alliancing\", of South Tyneside
  Record  cairn1x/0

Dorset, no time is given: response
  How it stands to it  tried here, and stopped
  Its context          A county.
  What it saw          One village.
  Why                  The worker left.
  Record  cairn1x/1
  For     one named peer

South Tyneside, no time is given: question
  When was that?
  Record   cairn1x/2
  Answers  cairn1x/1

Dorset, cairn1x/3
  Not here: it was withdrawn or has expired.
";
        assert_eq!(rendered(|page| thread(&reply, page)), expected);
    }

    #[test]
    fn a_lineage_says_what_was_changed_and_why() {
        let root = LineageEntry {
            record_id: "cairn1x/0".to_owned(),
            who: "South Tyneside".to_owned(),
            title: "Alliancing".to_owned(),
            ..Default::default()
        };
        let led = LineageEntry {
            record_id: "cairn1y/0".to_owned(),
            steps: 1,
            who: "Dorset".to_owned(),
            title: "One village".to_owned(),
            state: "ended early".to_owned(),
            why_changed: "We are fewer.".to_owned(),
            ..Default::default()
        };
        let reply = GetLineageResponse { record: Some(root), led_to: vec![led], ..Default::default() };
        let expected = "\
South Tyneside: Alliancing
  Record  cairn1x/0

It says of nothing that it came from it.

What came from it

  Dorset: One village
    Record           cairn1y/0
    Where it stands  ended early
    Why              We are fewer.
";
        assert_eq!(rendered(|page| lineage(&reply, page)), expected);
    }
}
