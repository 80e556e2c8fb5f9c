//! What is followed, and what others offer.

use cairn_proto::pb::admin::{
    CatalogueEntry, FetchRecordsResponse, Fetched, ListSubscriptionsResponse, LookAtCatalogueResponse,
    Subscription,
};

use super::{Page, text};

/// What is followed of each place.
pub(crate) fn list(reply: &ListSubscriptionsResponse, page: &mut Page) {
    if reply.subscriptions.is_empty() {
        page.say("There is nobody to follow yet: `cairn peer invite` makes a ticket.");
    }
    for subscription in &reply.subscriptions {
        one(Some(subscription), page);
    }
}

/// What is followed of one place.
pub(crate) fn one(subscription: Option<&Subscription>, page: &mut Page) {
    let Subscription { name, via, words, .. } = subscription.cloned().unwrap_or_default();
    let via = if via.is_empty() { via } else { format!(" (through {via})") };
    page.say(&format!("{name}{via}: {words}"));
}

/// What a place offers.
pub(crate) fn catalogue(reply: &LookAtCatalogueResponse, page: &mut Page) {
    let LookAtCatalogueResponse { name, entries, next, asked } = reply;
    if entries.is_empty() {
        page.say(&format!("{name} offers you no summaries that fit."));
    }
    for entry in entries {
        self::entry(entry, page);
    }
    if !entries.is_empty() || *next > 0 {
        page.blank();
    }
    if *next > 0 {
        page.say(&format!("There is more: look on with --from {next}."));
    }
    if !entries.is_empty() && entries.iter().all(|entry| entry.held) {
        page.say("You hold all of these already.");
    } else if !entries.is_empty() {
        page.say(&format!(
            "Nothing of this was kept here. Fetch what you choose by its number, with `cairn catalogue fetch`. {asked} noted that you \
             saw these titles."
        ));
    }
}

fn entry(entry: &CatalogueEntry, page: &mut Page) {
    let CatalogueEntry { index, kind, title, themes, scale, created_at, expires_at, bytes, held } = entry;
    page.blank();
    page.say(&format!("{index}: {title}"));
    page.fields(
        2,
        &[
            ("Kind", kind.clone()),
            ("Themes", themes.join(", ")),
            ("Scale", scale.clone()),
            ("Signed", text::moment_or(created_at.as_ref(), "")),
            ("Expires", text::moment_or(expires_at.as_ref(), "")),
            ("Size", text::count(*bytes, "byte", "bytes")),
            ("Here", if *held { "held already".to_owned() } else { String::new() }),
        ],
    );
}

/// What became of records that were fetched.
pub(crate) fn fetched(reply: &FetchRecordsResponse, page: &mut Page) {
    for Fetched { index, words, .. } in &reply.fetched {
        page.say(&format!("{index}: {words}."));
    }
}

#[cfg(test)]
mod tests {
    use cairn_proto::pb::admin::{CatalogueEntry, LookAtCatalogueResponse, Subscription};

    use super::{catalogue, one};
    use crate::output::page::tests::rendered;

    #[test]
    fn what_is_offered_is_shown_with_its_number_and_no_more_than_was_said() {
        let entry = CatalogueEntry {
            index: 7,
            kind: "exploration".to_owned(),
            title: "Listening first".to_owned(),
            themes: vec!["primary care".to_owned(), "roles".to_owned()],
            bytes: 4096,
            held: true,
            ..CatalogueEntry::default()
        };
        let reply = LookAtCatalogueResponse {
            name: "Dorset".to_owned(),
            asked: "Dorset".to_owned(),
            entries: vec![entry],
            next: 9,
        };
        let text = rendered(|page| catalogue(&reply, page));
        for words in
            ["7: Listening first", "primary care, roles", "held already", "--from 9", "You hold all of these"]
        {
            assert!(text.contains(words), "{text}");
        }
        assert!(!text.contains("Expires"), "{text}");
        let mut new = reply.clone();
        new.entries[0].held = false;
        let text = rendered(|page| catalogue(&new, page));
        assert!(text.contains("Nothing of this was kept here") && text.contains("Dorset noted"), "{text}");
        let nothing = LookAtCatalogueResponse { entries: vec![], next: 0, ..reply };
        assert_eq!(rendered(|page| catalogue(&nothing, page)), "Dorset offers you no summaries that fit.\n");
    }

    #[test]
    fn what_is_followed_is_one_sentence() {
        let subscription = Subscription {
            name: "EDUFI".to_owned(),
            via: "Dorset".to_owned(),
            words: "all summaries".to_owned(),
            ..Subscription::default()
        };
        assert_eq!(
            rendered(|page| one(Some(&subscription), page)),
            "EDUFI (through Dorset): all summaries\n"
        );
    }
}
