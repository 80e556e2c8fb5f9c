//! An evidence pack, exported by a receiver and checked offline.

use cairn_proto::{evidence, pb::admin::ExportEvidenceRequest};

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
            let author = proven.author.node_id();
            let (words, size) = (author.words(), text::count(proven.checkpoint.size, "entry", "entries"));
            let author = stage.name_of(&author.to_string());
            stage.tell(|page| {
                page.indented(2, &format!(
                    "{name} exports evidence for a record of {author}. It proves offline that the holder of the words \
                     \"{words}\" signed it, and that it stands in their log of {size}."
                ));
            })?;
        }
        Ok(proven) => stage.report.problem(format!("The evidence for {record} is for {}.", proven.record_id)),
        Err(error) => stage.report.problem(format!("The evidence for {record} does not hold: {error}.")),
    }
    refuse_changed(stage, pack)?;
    stage.report.complete(file);
    Ok(())
}

/// One changed bit, and the pack must prove nothing.
fn refuse_changed(stage: &mut Stage<'_>, mut pack: Vec<u8>) -> Result<(), Error> {
    let middle = pack.len() / 2;
    if let Some(byte) = pack.get_mut(middle) {
        *byte ^= 1;
    }
    if evidence::verify(&pack).is_ok() {
        stage.report.problem("A changed evidence pack was not refused.".to_owned());
        return Ok(());
    }
    stage.tell(|page| page.indented(2, "The same file with one bit changed is refused."))
}
