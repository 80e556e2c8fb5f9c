//! An experiment as a short account: whose it is, where it happened, why it may not
//! travel; then what was tried and learnt. Every field of the schema has its place here.

use cairn_proto::pb::{
    admin::{
        DeclareExperimentResponse, ExperimentEntry, GetDocumentResponse, GetExperimentResponse,
        ImportExperimentResponse, ListExperimentsResponse,
    },
    exchange::{ExperimentSummary, Figure, Force, Source},
};

use super::{Page, learning::document, text, words};

/// The whole summary. Context and limits come first: without them nothing below means much.
pub(crate) fn account(summary: &ExperimentSummary, page: &mut Page) {
    page.say(&summary.title);
    page.blank();
    facts(summary, page);
    page.section("Context", &summary.context);
    page.section("Why it may not travel", &summary.may_not_travel);
    page.section("What was tried", &summary.tried);
    page.section("Why", &summary.why);
    page.list("Questions it asked", &summary.questions);
    page.section("What was not known at the outset", &summary.unknowns);
    page.section("What was noticed", &summary.noticed);
    numbers(&summary.figures, page);
    page.section("What surprised", &summary.surprised);
    page.section("What went wrong", &summary.went_wrong);
    page.section("What they think they learnt", &summary.learnt);
    page.section("How sure they are", &summary.how_sure);
    page.list("What hindered (headwinds)", summary.headwinds.iter().map(force));
    page.list("What helped (tailwinds)", summary.tailwinds.iter().map(force));
    page.section("The principle that may travel", &summary.principle);
    page.section("Compromises made", &summary.compromises);
    page.list("Whose voices are in it", &summary.voices_in);
    page.list("Whose voices are missing", &summary.voices_missing);
    page.list("Sources", summary.sources.iter().map(source));
}

/// Whose it is, what it is and where it stands.
fn facts(summary: &ExperimentSummary, page: &mut Page) {
    page.fields(
        0,
        &[
            ("Whose", summary.whose.clone()),
            ("What it is", summary.kind.clone()),
            ("Where it stands", words::experiment_state(summary.state)),
            ("Scale", words::scale(summary.scale.as_ref())),
            ("Began", summary.began.clone()),
            ("Ended", summary.ended.clone()),
            ("True as of", summary.as_of.clone()),
            ("Declared", words::declaration(summary.declaration.as_ref())),
            ("Themes", summary.themes.join(", ")),
            ("Practices", summary.practice_areas.join(", ")),
        ],
    );
}

/// Numbers, each with its question, context, interpretation and caveat.
fn numbers(figures: &[Figure], page: &mut Page) {
    if !figures.is_empty() {
        page.blank();
        page.say("Numbers, each with what makes it meaningful");
    }
    for Figure { value, question, context, interpretation, caveat } in figures {
        page.bullet(2, value);
        page.fields(
            4,
            &[
                ("Question", question.clone()),
                ("Context", context.clone()),
                ("They think it means", interpretation.clone()),
                ("It does not show", caveat.clone()),
            ],
        );
    }
}

/// A headwind or tailwind with the scale it comes from.
fn force(force: &Force) -> String {
    let Force { what, scale } = force;
    match words::scale(scale.as_ref()) {
        scale if scale.is_empty() => what.clone(),
        scale => format!("{what} (from the scale: {scale})"),
    }
}

/// A published source.
fn source(source: &Source) -> String {
    let Source { title, locator, licence, url } = source;
    let parts = [title, locator, licence, url].into_iter().filter(|part| !part.is_empty());
    parts.cloned().collect::<Vec<_>>().join("; ")
}

/// One experiment at home: its entry, the account, and what stands in the way of a release.
pub(crate) fn at_home(reply: &GetExperimentResponse, page: &mut Page) {
    if let Some(summary) = &reply.summary {
        account(summary, page);
    }
    standing(reply, page);
}

/// One that is designed and not tried yet: the document, and what stands in the way of a release.
pub(crate) fn designed(reply: &GetExperimentResponse, document: &GetDocumentResponse, page: &mut Page) {
    document::whole(document, page);
    standing(reply, page);
}

/// What was declared.
pub(crate) fn declared(reply: &DeclareExperimentResponse, page: &mut Page) {
    let DeclareExperimentResponse { document, words, remarks, .. } = reply;
    let entry = document.clone().unwrap_or_default();
    page.say(&format!("{}: \"{}\" is declared. A summary will say: {words}.", entry.id, entry.title));
    page.say("Your node signed its design as it stands now. Nothing has left.");
    for remark in remarks {
        page.bullet(2, remark);
    }
}

/// What its consent covers, what has left of it, and what stands in the way.
fn standing(reply: &GetExperimentResponse, page: &mut Page) {
    let GetExperimentResponse { experiment, summary: _, consents, obstacles } = reply;
    page.list("What the consent covers", consents);
    page.blank();
    if let Some(entry) = experiment {
        page.fields(
            0,
            &[
                ("Experiment", entry.id.clone()),
                (
                    "Version",
                    format!(
                        "{}, of {}",
                        entry.version,
                        text::moment_or(entry.updated_at.as_ref(), "unknown date")
                    ),
                ),
                ("Released as", entry.record_ids.join("\n")),
            ],
        );
        if entry.record_ids.is_empty() {
            page.say("Nothing of it has left this place.");
        }
    }
    if obstacles.is_empty() {
        page.say("Nothing stands in the way of a release.");
    } else {
        page.list("What stands in the way of a release", obstacles);
    }
}

/// The experiments at home.
pub(crate) fn list(reply: &ListExperimentsResponse, page: &mut Page) {
    let ListExperimentsResponse { experiments } = reply;
    if experiments.is_empty() {
        page.say("No experiment is kept here yet. Write one, or read one in, with");
        page.blank();
        page.verbatim(2, "cairn experiment new");
        page.verbatim(2, "cairn experiment import FILE");
    }
    for entry in experiments {
        page.blank();
        let ExperimentEntry { id, title, state, scale, version, updated_at, record_ids } = entry;
        page.say(title);
        let facts = [state.clone(), scale.clone(), format!("version {version}")];
        let facts: Vec<_> = facts.into_iter().filter(|fact| !fact.is_empty()).collect();
        let updated = text::moment_or(updated_at.as_ref(), "unknown date");
        page.indented(2, &format!("{id}: {}, {updated}", facts.join(", ")));
        let released: Vec<_> = record_ids.iter().map(|id| text::short_id(id)).collect();
        page.indented(
            2,
            &match released.as_slice() {
                [] => "nothing of it has left".to_owned(),
                ids => format!("released as {}", text::and(ids)),
            },
        );
    }
}

/// What an import did.
pub(crate) fn imported(reply: &ImportExperimentResponse, page: &mut Page) {
    let ImportExperimentResponse { experiment, created, unchanged, remarks } = reply;
    let Some(ExperimentEntry { id, title, version, .. }) = experiment else { return };
    page.say(&match (unchanged, created) {
        (true, _) => format!("{id}: \"{title}\" was here already and is the same. Nothing changed."),
        (false, true) => format!("{id}: \"{title}\" is kept here now. Nothing has left."),
        (false, false) => {
            format!("{id}: \"{title}\" is kept here in version {version} now. Nothing has left.")
        }
    });
    for remark in remarks {
        page.bullet(2, remark);
    }
}

#[cfg(test)]
mod tests {
    use cairn_proto::pb::{
        admin::{ExperimentEntry, GetExperimentResponse, ListExperimentsResponse},
        exchange::{BuiltInScale, ExperimentState, ExperimentSummary, Figure, Force, Scale, scale},
    };

    use super::{account, at_home, list};
    use crate::output::page::tests::rendered;

    fn summary() -> ExperimentSummary {
        let place = Scale { label: Some(scale::Label::BuiltIn(BuiltInScale::Place.into())) };
        ExperimentSummary {
            title: "Each woman her own midwife".to_owned(),
            whose: "Neighbourhood Midwives".to_owned(),
            kind: "pilot".to_owned(),
            state: ExperimentState::EndedEarly.into(),
            scale: Some(place.clone()),
            context: "A city.".to_owned(),
            may_not_travel: "The funding did not hold.".to_owned(),
            tried: "A small team.".to_owned(),
            figures: vec![Figure {
                value: "half".to_owned(),
                question: "What does it cost?".to_owned(),
                context: "One year.".to_owned(),
                interpretation: "A saving.".to_owned(),
                caveat: "No comparison.".to_owned(),
            }],
            headwinds: vec![Force { what: "Tenders.".to_owned(), scale: Some(place) }],
            ..Default::default()
        }
    }

    #[test]
    fn an_account_begins_with_context_and_limits() {
        let text = rendered(|page| account(&summary(), page));
        let expected = "\
Each woman her own midwife

Whose            Neighbourhood Midwives
What it is       pilot
Where it stands  ended early
Scale            place

Context
  A city.

Why it may not travel
  The funding did not hold.

What was tried
  A small team.

Numbers, each with what makes it meaningful
  - half
    Question             What does it cost?
    Context              One year.
    They think it means  A saving.
    It does not show     No comparison.

What hindered (headwinds)
  - Tenders. (from the scale: place)
";
        assert_eq!(text, expected);
    }

    #[test]
    fn ended_early_looks_the_same_as_any_other() {
        let early = rendered(|page| account(&summary(), page));
        let planned = ExperimentSummary { state: ExperimentState::EndedAsPlanned.into(), ..summary() };
        let planned = rendered(|page| account(&planned, page));
        assert_eq!(early.replace("ended early", "ended as planned"), planned);
    }

    #[test]
    fn at_home_it_says_what_has_left_and_what_stands_in_the_way() {
        let entry = ExperimentEntry { id: "midwives".to_owned(), version: 1, ..Default::default() };
        let mut reply = GetExperimentResponse {
            experiment: Some(entry),
            summary: Some(summary()),
            consents: vec![],
            obstacles: vec![],
        };
        let text = rendered(|page| at_home(&reply, page));
        assert!(
            text.contains("Nothing of it has left this place.\nNothing stands in the way of a release.\n")
        );
        reply.obstacles = vec!["Consent does not cover research.".to_owned()];
        let text = rendered(|page| at_home(&reply, page));
        assert!(text.contains("What stands in the way of a release\n  - Consent does not cover research.\n"));
    }

    #[test]
    fn an_empty_home_says_what_to_do() {
        let text = rendered(|page| list(&ListExperimentsResponse::default(), page));
        assert!(text.contains("  cairn experiment import FILE\n"));
    }
}
