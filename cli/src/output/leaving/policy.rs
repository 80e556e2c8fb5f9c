//! The policy cards, in words.

use cairn_proto::pb::admin::{Card, ListCardsResponse};

use crate::output::Page;

/// From the narrowest to the widest.
pub(crate) fn cards(reply: &ListCardsResponse, page: &mut Page) {
    let ListCardsResponse { cards } = reply;
    for Card { name, words, rules, two_persons } in cards {
        page.blank();
        page.say(name);
        page.indented(2, words);
        rules.iter().for_each(|rule| page.bullet(2, rule));
        if *two_persons {
            page.indented(2, "It calls for a second person here.");
        }
    }
    if cards.is_empty() {
        page.say("The node knows no policy cards. Its version may not know how yet.");
    }
}

#[cfg(test)]
mod tests {
    use cairn_proto::pb::admin::{Card, ListCardsResponse};

    use super::cards;
    use crate::output::page::tests::rendered;

    #[test]
    fn a_card_says_what_it_means() {
        let card = Card {
            name: "public".to_owned(),
            words: "Anyone may hold it.".to_owned(),
            rules: vec!["never for ranking".to_owned()],
            two_persons: true,
        };
        let expected = "\
public
  Anyone may hold it.
  - never for ranking
  It calls for a second person here.
";
        assert_eq!(rendered(|page| cards(&ListCardsResponse { cards: vec![card] }, page)), expected);
    }
}
