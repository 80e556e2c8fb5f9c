//! Learning at home: each place reads in whole learning cycles and the prompts, and follows one observation to the
//! structure it changed. Nothing of it leaves.

use cairn_proto::pb::admin::{
    ImportCycleRequest, ListDocumentsRequest, LoadPromptsRequest, TraceDocumentRequest, TraceStep,
};

use super::{cast::CAST, pack::Pack, report::CycleLine, stage::Stage};
use crate::{client::answer, error::Error, output::text};

/// Reads in the cycles and the prompts of all places, shows a trace, and checks that nothing has left.
pub(crate) async fn all(stage: &mut Stage<'_>, pack: &Pack) -> Result<(), Error> {
    stage.chapter("Learning at home: whole cycles, kept where they belong")?;
    let mut first = None;
    for (position, place) in CAST.iter().enumerate() {
        let cycle = read_in(stage, pack, position).await.map_err(|error| error.at(place.name))?;
        first = first.or(cycle);
    }
    trace(stage, first.unwrap_or_default()).await?;
    for actor in &mut stage.actors {
        if actor.node.status().await?.log_size != 0 {
            stage.report.problem(format!("{} released something that belongs at home.", actor.place.name));
        }
    }
    Ok(())
}

/// Reads in what one place keeps; gives the id of its first cycle.
async fn read_in(stage: &mut Stage<'_>, pack: &Pack, position: usize) -> Result<Option<String>, Error> {
    let Some(actor) = stage.actors.get_mut(position) else { return Ok(None) };
    let (place, node) = (actor.place, &mut actor.node);
    let (file_name, content) = pack.read_prompts()?;
    let prompts = answer(node.learning.load_prompts(LoadPromptsRequest { content, file_name })).await?;
    let (mut documents, mut cycles) = (0, Vec::new());
    for cycle in place.cycles {
        let (file_name, content) = pack.read_cycle(cycle)?;
        let request = ImportCycleRequest { content, file_name, replace: false };
        let taken = answer(node.learning.import_cycle(request)).await?;
        documents += taken.added.len();
        cycles.extend(taken.added.into_iter().filter(|entry| entry.kind == "cycle"));
    }
    let told = format!(
        "{}: {} with {}, and {}",
        place.name,
        text::count(u32::try_from(cycles.len()).unwrap_or(u32::MAX), "learning cycle", "learning cycles"),
        text::count(u32::try_from(documents).unwrap_or(u32::MAX), "document", "documents"),
        text::count(prompts.added, "prompt", "prompts"),
    );
    stage.tell(|page| page.indented(2, &told))?;
    let first = cycles.first().map(|cycle| cycle.id.clone());
    for cycle in cycles {
        stage.report.cycle(CycleLine { node: place.name, id: cycle.id, title: cycle.title });
    }
    Ok(first)
}

/// From an observation in the first place's first cycle to the change it led to.
async fn trace(stage: &mut Stage<'_>, cycle: String) -> Result<(), Error> {
    let Some(actor) = stage.actors.first_mut() else { return Ok(()) };
    let name = actor.place.name;
    let request =
        ListDocumentsRequest { kind: "observation".to_owned(), cycle, limit: 50, ..Default::default() };
    let observations = answer(actor.node.learning.list_documents(request)).await?.documents;
    let mut told = Vec::new();
    for observation in observations {
        let request = TraceDocumentRequest { kind: observation.kind, id: observation.id };
        let trace = answer(actor.node.learning.trace_document(request)).await?;
        if let Some(chain) = chain_to_a_change(&trace.led_to) {
            told.push(format!("observation: {}", observation.title));
            told.extend(chain);
            break;
        }
    }
    if told.is_empty() {
        stage.report.problem(format!("No observation at {name} led to a change that can be traced."));
        return Ok(());
    }
    stage.tell(|page| {
        page.indented(2, &format!("What an observation led to at {name}:"));
        for step in &told {
            page.bullet(4, step);
        }
    })
}

/// The shortest way to a change, each step in a line.
fn chain_to_a_change(steps: &[TraceStep]) -> Option<Vec<String>> {
    let of = |step: &TraceStep| {
        let entry = step.document.clone().unwrap_or_default();
        (format!("{}/{}", entry.kind, entry.id), format!("{}: {}", entry.kind, entry.title))
    };
    let last =
        steps.iter().find(|step| step.document.as_ref().is_some_and(|entry| entry.kind == "change"))?;
    let (mut chain, mut next) = (vec![of(last).1], last.next.clone());
    while let Some(step) = steps.iter().find(|step| of(step).0 == next) {
        chain.push(of(step).1);
        next.clone_from(&step.next);
    }
    chain.reverse();
    Some(chain)
}

#[cfg(test)]
mod tests {
    use cairn_proto::pb::admin::{DocumentEntry, TraceStep};

    use super::chain_to_a_change;

    #[test]
    fn the_shortest_way_to_a_change_is_told() {
        let step = |distance, kind: &str, id: &str, next: &str| TraceStep {
            distance,
            document: Some(DocumentEntry {
                kind: kind.into(),
                id: id.into(),
                title: id.into(),
                ..Default::default()
            }),
            relation: String::new(),
            next: next.to_owned(),
        };
        let steps = [
            step(1, "session", "s", "observation/o"),
            step(1, "exhibit", "e", "observation/o"),
            step(2, "reflection", "r", "session/s"),
            step(3, "change", "c", "reflection/r"),
            step(4, "change", "d", "change/c"),
        ];
        let told = ["session: s", "reflection: r", "change: c"].map(str::to_owned);
        assert_eq!(chain_to_a_change(&steps), Some(told.to_vec()));
        assert_eq!(chain_to_a_change(&steps[..2]), None);
    }
}
