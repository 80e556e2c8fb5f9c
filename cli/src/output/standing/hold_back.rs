//! What is held back, and what is open again.

use cairn_proto::pb::admin::{RestorePeerResponse, RestrictPeerResponse};

use crate::output::Page;

/// After a limit or a suspension.
pub(crate) fn restricted(reply: &RestrictPeerResponse, page: &mut Page) {
    let RestrictPeerResponse { name, standing_words, flows } = reply;
    page.say(&format!("{name}: {standing_words}"));
    page.blank();
    page.say(&format!("From now on: {flows}."));
    page.say("They read your reason, and the day. Telephone them all the same: a reason is easier heard than read.");
}

/// After it was lifted.
pub(crate) fn restored(reply: &RestorePeerResponse, page: &mut Page) {
    let RestorePeerResponse { name, standing_words, flows } = reply;
    page.say(&format!("{name}: {standing_words}"));
    page.blank();
    page.say(&format!("From now on: {flows}."));
}
