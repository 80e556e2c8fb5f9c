//! An evidence pack, exported by a receiver and checked offline.

use cairn_proto::{
    evidence::{self, Evidence},
    pb::{
        admin::ExportEvidenceRequest,
        exchange::{Record, record::Body},
    },
};

use super::{
    cast::{PLYMOUTH, Release, SCOTLAND},
    house::House,
    release::Released,
    stage::Stage,
};
use crate::{client::answer, commands::export::write_new, error::Error, output::text};

/// Exports a pack where the record was received, checks it, and checks that a changed one is refused.
pub(crate) async fn check(stage: &mut Stage<'_>, house: &House, released: &[Released]) -> Result<(), Error> {
    stage.chapter("Evidence that anyone can check without a node")?;
    let network = |one: &&Released| one.author == PLYMOUTH && one.release == Release::Network;
    // The last one is an experiment; the first is the profile.
    let Some(Released { record, .. }) = released.iter().rfind(network) else { return Ok(()) };
    let Some(holder) = stage.actors.get_mut(SCOTLAND) else { return Ok(()) };
    let name = holder.place.name;
    let request = ExportEvidenceRequest { record: record.clone() };
    let pack = answer(holder.node.admin.export_evidence(request)).await.map_err(|error| error.at(name))?.pack;
    let file = house.path().join("evidence.cairn");
    write_new(&file, &pack)?;
    match evidence::verify(&pack) {
        Ok(proven) if proven.record_id.to_string() == *record => {
            tell(stage, name, &proven)?;
            refuse_changed(stage, pack, title(&proven.record))?;
        }
        Ok(proven) => stage.report.problem(format!("The evidence for {record} is for {}.", proven.record_id)),
        Err(error) => stage.report.problem(format!("The evidence for {record} does not hold: {error}.")),
    }
    stage.report.complete(file);
    Ok(())
}

/// What is proven.
fn tell(stage: &mut Stage<'_>, holder: &str, proven: &Evidence) -> Result<(), Error> {
    let author = proven.author.node_id();
    let name = stage.name_of(&author.to_string());
    let size = text::count(proven.checkpoint.size, "entry", "entries");
    stage.tell(|page| {
        page.indented(
            2,
            &format!(
                "{holder} exports evidence for \"{}\". Checked offline, it proves that the node with the words of \
                 {name} signed it, and that it stands in that node's log of {size}.",
                title(&proven.record)
            ),
        );
    })
}

/// The title of a record of an experiment.
fn title(record: &Record) -> &str {
    match &record.body {
        Some(Body::ExperimentSummary(summary)) => &summary.title,
        _ => "",
    }
}

/// With one letter of the title changed, the pack must prove nothing.
fn refuse_changed(stage: &mut Stage<'_>, mut pack: Vec<u8>, title: &str) -> Result<(), Error> {
    let found = pack.windows(title.len().max(1)).position(|bytes| bytes == title.as_bytes());
    let letter = found.and_then(|at| pack.get_mut(at));
    let Some(letter) = letter else {
        stage.report.problem("The evidence pack does not hold the record's title.".to_owned());
        return Ok(());
    };
    *letter ^= 1;
    if evidence::verify(&pack).is_ok() {
        stage.report.problem("A changed evidence pack was not refused.".to_owned());
        return Ok(());
    }
    stage.tell(|page| page.indented(2, "The same file with one letter of the title changed is refused."))
}
