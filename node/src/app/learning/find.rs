//! Documents are found: by kind, cycle, words and traits, newest first. How something went is no trait; ended early
//! is found like any other (N17).

use serde_json::Value;

use super::{App, AppError, Entry, Operator, entry, kind_called};
use crate::{
    domain::{
        learning::{Id, Kind, shape},
        text::fold,
    },
    store::{Filter, HeadRow, StoreError},
};

/// Documents on a page, unless another number is asked for.
const PAGE: u32 = 50;
/// Documents on a page at most.
const PAGE_MOST: u32 = 500;
/// Words of a search; more narrow nothing down.
const WORDS: usize = 12;
/// Characters of an excerpt before and after the word.
const AROUND: usize = 70;

/// What can be asked for.
pub const TRAITS: [&str; 7] = ["theme", "factor", "stage", "state", "role", "scale", "practice"];

/// A search.
#[derive(Clone, Debug, Default)]
pub struct Search {
    /// Only this kind.
    pub kind: Option<Kind>,
    /// Only of this cycle.
    pub cycle: Option<Id>,
    /// Only with these words.
    pub words: String,
    /// Only with these traits.
    pub traits: Vec<(String, String)>,
    /// At most so many; zero: 50.
    pub limit: u32,
    /// Goes on after this.
    pub after: Option<u64>,
    /// Also show excerpts.
    pub excerpts: bool,
}

/// What was found.
#[derive(Clone, Debug, Default)]
pub struct Found {
    /// Newest first.
    pub entries: Vec<Entry>,
    /// For each an excerpt, if they were asked for.
    pub excerpts: Vec<String>,
    /// Where to go on.
    pub next: Option<u64>,
}

impl App {
    /// Searches the documents at home.
    ///
    /// # Errors
    /// [`AppError::Argument`] for a trait that is none.
    pub async fn find(&self, _: &Operator, search: Search) -> Result<Found, AppError> {
        let words = folded_words(&search.words);
        let limit = if search.limit == 0 { PAGE } else { search.limit.min(PAGE_MOST) };
        let filter = Filter {
            kind: search.kind.map(|kind| kind.word().to_owned()),
            cycle: search.cycle.as_ref().map(Id::to_string),
            facets: search.traits.iter().map(known_trait).collect::<Result<_, _>>()?,
        };
        let mut tx = self.store.read().await?;
        // One more than is shown, to know whether there is more.
        let mut heads = tx.find(&words, &filter, search.after, u64::from(limit) + 1).await?;
        let shown = usize::try_from(limit).unwrap_or(usize::MAX);
        let more = heads.len() > shown;
        heads.truncate(shown);
        let next = heads.last().filter(|_| more).map(|head| head.num);
        let mut found = Found { next, ..Found::default() };
        for head in heads {
            if search.excerpts {
                found.excerpts.push(excerpt(&head, &words)?);
            }
            found.entries.push(entry(head)?);
        }
        Ok(found)
    }
}

/// The words of a search as the index has them.
pub(crate) fn folded_words(text: &str) -> Vec<String> {
    let folded = fold(text);
    let words = folded.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words.take(WORDS).map(str::to_owned).collect()
}

fn known_trait((name, value): &(String, String)) -> Result<(String, String), AppError> {
    let name = name.trim();
    if !TRAITS.contains(&name) {
        let name: String = name.chars().take(40).collect();
        let known = TRAITS.join(", ");
        return Err(AppError::Argument(format!("\"{name}\" is nothing to search by; there are: {known}")));
    }
    Ok((name.to_owned(), fold(value.trim())))
}

/// The text around the first of the words.
fn excerpt(head: &HeadRow, words: &[String]) -> Result<String, AppError> {
    let value: Value = serde_json::from_str(&head.document).map_err(StoreError::corrupt)?;
    let kind = kind_called(&head.kind)?;
    Ok(around(&shape::traits(kind, &value).told, words))
}

fn around(text: &str, words: &[String]) -> String {
    let plain = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let starts = plain.char_indices().filter(|(at, c)| {
        let before = plain.get(..*at).and_then(|before| before.chars().next_back());
        c.is_alphanumeric() && before.is_none_or(|before| !before.is_alphanumeric())
    });
    let hit = starts.map(|(at, _)| at).find(|at| {
        let rest: String = plain.get(*at..).unwrap_or_default().chars().take(60).collect();
        words.iter().any(|word| fold(&rest).starts_with(word.as_str()))
    });
    let at = plain.get(..hit.unwrap_or(0)).map_or(0, |before| before.chars().count());
    let from = at.saturating_sub(AROUND);
    let shown: String = plain.chars().skip(from).take(2 * AROUND).collect();
    let (before, after) = (if from > 0 { "..." } else { "" }, plain.chars().count() > from + 2 * AROUND);
    format!("{before}{}{}", shown.trim(), if after { "..." } else { "" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_folded_and_free_of_syntax() {
        assert_eq!(folded_words("Käuflich NEAR(\"x*\") OR -y"), ["kauflich", "near", "x", "or", "y"]);
        assert_eq!(folded_words("שלום עולם"), ["שלום", "עולם"]);
        assert!(folded_words(" !? ").is_empty());
        assert_eq!(folded_words(&"a ".repeat(99)).len(), WORDS);
    }

    #[test]
    fn an_excerpt_is_taken_around_the_word() {
        let text = format!("{} Café society {}", "long before ".repeat(20), "and after ".repeat(20));
        let found = around(&text, &["cafe".to_owned()]);
        assert!(found.contains("Café society"), "{found}");
        assert!(found.starts_with("...") && found.ends_with("..."), "{found}");
        assert_eq!(around("short", &["absent".to_owned()]), "short");
    }
}
