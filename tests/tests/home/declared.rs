//! An experiment is declared before it begins, or described in retrospect; a file's word alone does not count.

use cairn_node::domain::policy::Card;
use cairn_proto::{
    envelope::{self, PayloadType},
    pb::{
        admin::{DeclareExperimentRequest, DeclareExperimentResponse, PublishRequest},
        exchange::{DeclarationKind, ExperimentDeclaration, record::Body},
    },
};
use cairn_tests::{
    desk::{Desk, case, wish},
    place::TestPlace,
};
use jiff::SignedDuration;
use prost::Message as _;
use tonic::Status;

use super::table::{a_place, change, save, show};

const DESIGN: &str = "id: e\ntitle: E\nkind: experiment\nstate: designing\nscale: place\nidea: Ask first.\n\
                      unknowns: Whether anybody answers.\nbegan: 2026-12-01\nended: 2027-02\n";

async fn declare(desk: &Desk) -> Result<DeclareExperimentResponse, Status> {
    let request = DeclareExperimentRequest { id: "e".to_owned() };
    Ok(desk.learning().declare_experiment(request).await?.into_inner())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_declaration_is_signed_with_its_design_and_time() {
    let (_story, place) = a_place().await;
    save(&place, "experiment", DESIGN).await;
    let declared = declare(&place).await.expect("in time");
    assert_eq!(declared.words, "declared before it began, on 2026-11-23");
    let signed = envelope::decode(&declared.envelope).expect("an envelope");
    let key = place.app().keys.identity().current().signing_key;
    let payload =
        envelope::verify(&signed, PayloadType::ExperimentDeclaration, &[key], 1).expect("our signature");
    let statement = ExperimentDeclaration::decode(payload).expect("a statement");
    assert_eq!((statement.experiment.as_str(), statement.design_hash.len()), ("e", 32));

    let told = show(&place, "experiment", "e").await.declarations;
    assert!(
        told[0].contains("Version 2 was declared and signed") && told[0].contains("the same since"),
        "{told:?}"
    );
    change(&place, "experiment", "e", "noticed: Some did.\n").await.expect("not the design");
    assert!(show(&place, "experiment", "e").await.declarations[0].contains("the same since"));
    change(&place, "experiment", "e", "unknowns: Nothing.\n").await.expect("the design");
    assert!(show(&place, "experiment", "e").await.declarations[0].contains("was changed since"));
    assert!(declare(&place).await.expect_err("twice").message().contains("declared already"));
}

#[tokio::test(flavor = "multi_thread")]
async fn once_it_has_begun_it_is_too_late() {
    let (story, place) = a_place().await;
    save(&place, "experiment", DESIGN).await;
    story.pass(SignedDuration::from_hours(24 * 8));
    let refused = declare(&place).await.expect_err("too late");
    assert!(refused.message().contains("described in retrospect"), "{}", refused.message());
}

async fn declaration_of(place: &TestPlace, id: &str) -> (DeclarationKind, String) {
    let shown = place.try_publish(PublishRequest { dry_run: true, ..wish(id, Card::Network) }).await;
    let record = shown.expect("a dry run").record.expect("a record");
    let Some(Body::ExperimentSummary(summary)) = record.body else { panic!("no summary") };
    let declaration = summary.declaration.expect("a declaration");
    (declaration.kind(), declaration.declared_on)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_summary_says_before_only_if_the_node_signed_so() {
    let (_story, place) = a_place().await;
    let text = String::from_utf8(case("south-tyneside")).expect("text");
    let claimed = text.replace("declared: in retrospect", "declared: 2026-11-01");
    assert_ne!(claimed, text);
    save(&place, "experiment", &claimed).await;
    assert_eq!(
        declaration_of(&place, "south-tyneside").await,
        (DeclarationKind::InRetrospect, String::new())
    );
    let told = show(&place, "experiment", "south-tyneside").await.declarations;
    assert!(told[0].contains("signed nothing then"), "{told:?}");

    let later = text
        .replace("id: south-tyneside\n", "id: e\nbegan: 2026-12\n")
        .replace("declared: in retrospect\n", "");
    save(&place, "experiment", &later).await;
    declare(&place).await.expect("in time");
    let (kind, day) = declaration_of(&place, "e").await;
    assert_eq!((kind, day.as_str()), (DeclarationKind::Before, "2026-11-23"));
}
