//! Releases that call for two persons.

use cairn_proto::pb::admin::{
    ApproveReleaseResponse, ListReleasesResponse, RefuseReleaseResponse, ReleaseEntry,
};

use crate::output::{Page, publish, text};

/// The releases, newest first.
pub(crate) fn list(reply: &ListReleasesResponse, page: &mut Page) {
    let ListReleasesResponse { releases } = reply;
    if releases.is_empty() {
        page.say("There are no such releases.");
    }
    for release in releases {
        page.blank();
        entry(release, page);
    }
}

/// After somebody said yes.
pub(crate) fn approved(reply: &ApproveReleaseResponse, page: &mut Page) {
    let ApproveReleaseResponse { published, release } = reply;
    if let Some(release) = release {
        entry(release, page);
        page.blank();
    }
    publish::released(&published.clone().unwrap_or_default(), page);
}

/// After somebody said no.
pub(crate) fn refused(reply: &RefuseReleaseResponse, page: &mut Page) {
    let RefuseReleaseResponse { release } = reply;
    page.say("Refused. Nothing has left.");
    if let Some(release) = release {
        page.blank();
        entry(release, page);
    }
}

/// One release.
fn entry(release: &ReleaseEntry, page: &mut Page) {
    let ReleaseEntry {
        id,
        title,
        experiment_id,
        version,
        card,
        asked_by,
        asked_at,
        state,
        decided_by,
        decided_at,
        reason,
        record_id,
    } = release;
    let what = if experiment_id.is_empty() {
        "the profile of your place".to_owned()
    } else {
        format!("experiment {experiment_id}, version {version}")
    };
    let waits = decided_at.is_none() && decided_by.is_empty() && state == "waits";
    page.say(&format!("Release {id}: {title}"));
    page.fields(
        2,
        &[
            ("Where it stands", if waits { "waits for a second person".to_owned() } else { state.clone() }),
            ("What", what),
            ("Policy card", card.clone()),
            ("Asked for by", asked_by.clone()),
            ("Asked for", text::moment_or(asked_at.as_ref(), "")),
            ("Decided by", decided_by.clone()),
            ("Decided", text::moment_or(decided_at.as_ref(), "")),
            ("Reason", reason.clone()),
            ("Record", record_id.clone()),
        ],
    );
    if waits {
        page.verbatim(2, &format!("to say yes: cairn release approve {id}"));
        page.verbatim(2, &format!("to say no: cairn release refuse {id} --reason TEXT"));
    }
}

#[cfg(test)]
mod tests {
    use cairn_proto::pb::admin::{
        ApproveReleaseResponse, ListReleasesResponse, PublishResponse, RefuseReleaseResponse, ReleaseEntry,
    };

    use super::{approved, list, refused};
    use crate::output::page::tests::rendered;

    fn release() -> ReleaseEntry {
        ReleaseEntry {
            id: 4,
            title: "Paying on trust".to_owned(),
            experiment_id: "dorset".to_owned(),
            version: 2,
            card: "public".to_owned(),
            asked_by: "systems steward".to_owned(),
            state: "waits".to_owned(),
            ..Default::default()
        }
    }

    #[test]
    fn a_release_that_waits_says_how_to_decide() {
        let expected = "\
Release 4: Paying on trust
  Where it stands  waits for a second person
  What             experiment dorset, version 2
  Policy card      public
  Asked for by     systems steward
  to say yes: cairn release approve 4
  to say no: cairn release refuse 4 --reason TEXT
";
        assert_eq!(
            rendered(|page| list(&ListReleasesResponse { releases: vec![release()] }, page)),
            expected
        );
    }

    #[test]
    fn a_decision_is_shown_with_what_came_of_it() {
        let published = PublishResponse { record_id: "cairn1plymouth/7".to_owned(), ..Default::default() };
        let released = ReleaseEntry { state: "released".to_owned(), ..release() };
        let reply = ApproveReleaseResponse { published: Some(published), release: Some(released) };
        let text = rendered(|page| approved(&reply, page));
        assert!(text.contains("Where it stands  released\n"), "{text}");
        assert!(text.contains("Released, signed and entered in your log."), "{text}");
        let no = ReleaseEntry { state: "refused".to_owned(), reason: "Too near.".to_owned(), ..release() };
        let text = rendered(|page| refused(&RefuseReleaseResponse { release: Some(no) }, page));
        assert!(text.starts_with("Refused. Nothing has left.\n"), "{text}");
        assert!(text.contains("Reason           Too near.\n"), "{text}");
    }
}
