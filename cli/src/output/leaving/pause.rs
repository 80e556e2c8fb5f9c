//! How sharing stands.

use cairn_proto::pb::admin::{PauseSharingResponse, ResumeSharingResponse, Sharing};

use crate::output::{Page, text};

/// After all sharing was stopped.
pub(crate) fn paused(reply: &PauseSharingResponse, page: &mut Page) {
    let PauseSharingResponse { sharing } = reply;
    stands(&sharing.clone().unwrap_or_default(), page);
}

/// After it went on.
pub(crate) fn resumed(reply: &ResumeSharingResponse, page: &mut Page) {
    let ResumeSharingResponse { sharing } = reply;
    stands(&sharing.clone().unwrap_or_default(), page);
}

/// Paused or not, since when, by whom and why.
fn stands(sharing: &Sharing, page: &mut Page) {
    let Sharing { paused, since, by, reason } = sharing;
    if !paused {
        page.say("Your node shares again.");
        return;
    }
    page.say("All sharing is paused: no record is given out or taken in. Withdrawals still flow.");
    page.blank();
    page.fields(
        0,
        &[("Since", text::moment_or(since.as_ref(), "")), ("By", by.clone()), ("Reason", reason.clone())],
    );
    page.blank();
    page.verbatim(0, "To go on: cairn resume");
}

#[cfg(test)]
mod tests {
    use cairn_proto::pb::admin::{PauseSharingResponse, ResumeSharingResponse, Sharing};

    use super::{paused, resumed};
    use crate::output::page::tests::rendered;

    #[test]
    fn a_pause_says_that_withdrawals_still_flow() {
        let sharing = Sharing { paused: true, reason: "We are looking.".to_owned(), ..Default::default() };
        let text = rendered(|page| paused(&PauseSharingResponse { sharing: Some(sharing) }, page));
        assert!(
            text.contains("Withdrawals still\nflow.") || text.contains("Withdrawals still flow."),
            "{text}"
        );
        assert!(text.contains("Reason  We are looking.\n"), "{text}");
        let text = rendered(|page| resumed(&ResumeSharingResponse::default(), page));
        assert_eq!(text, "Your node shares again.\n");
    }
}
