//! Who a node speaks for.

use cairn_proto::pb::exchange::{Contact, Profile};

use super::{Page, words};

/// A profile, whole.
pub(crate) fn profile(profile: &Profile, page: &mut Page) {
    let Profile { name, scale, geography, themes, contacts, about } = profile;
    page.say(if name.is_empty() { "(no name yet)" } else { name });
    page.blank();
    let reach: Vec<_> = contacts.iter().map(|Contact { role, reach }| format!("{role}: {reach}")).collect();
    page.fields(
        0,
        &[
            ("Scale", words::scale(scale.as_ref())),
            ("Geography", geography.clone()),
            ("Themes", themes.join(", ")),
            ("Contact", reach.join("\n")),
        ],
    );
    page.section("About", about);
}

/// The own profile as it stands at home.
pub(crate) fn own(own: Option<&Profile>, page: &mut Page) {
    profile(own.unwrap_or(&Profile::default()), page);
    page.blank();
    page.say("This is what stands at home. To see what others would receive:");
    page.blank();
    page.verbatim(2, "cairn publish profile --card network --dry-run");
}

/// The own profile after a change.
pub(crate) fn changed(own: Option<&Profile>, page: &mut Page) {
    profile(own.unwrap_or(&Profile::default()), page);
    page.blank();
    page.say("Changed at home. Nothing has left; others see it after `cairn publish profile`.");
}

#[cfg(test)]
mod tests {
    use cairn_proto::pb::exchange::{Contact, Profile, Scale, scale};

    use super::{changed, own};
    use crate::output::page::tests::rendered;

    #[test]
    fn a_profile_shows_every_part() {
        let place = Profile {
            name: "South Tyneside Alliance".to_owned(),
            scale: Some(Scale { label: Some(scale::Label::Own("borough".to_owned())) }),
            geography: "South Tyneside".to_owned(),
            themes: vec!["health".to_owned(), "care".to_owned()],
            contacts: vec![Contact { role: "steward".to_owned(), reach: "s@place.example".to_owned() }],
            about: "Partners under one charter.".to_owned(),
        };
        let text = rendered(|page| changed(Some(&place), page));
        let expected = "\
South Tyneside Alliance

Scale      borough
Geography  South Tyneside
Themes     health, care
Contact    steward: s@place.example

About
  Partners under one charter.

Changed at home. Nothing has left; others see it after
`cairn publish profile`.
";
        assert_eq!(text, expected);
    }

    #[test]
    fn an_empty_profile_says_so() {
        assert!(rendered(|page| own(None, page)).starts_with("(no name yet)\n"));
    }
}
