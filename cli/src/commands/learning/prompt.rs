//! Prompts: packs of them, lists by stage, and which are offered.

use std::collections::BTreeSet;

use cairn_proto::pb::admin::{
    DocumentEntry, ListDocumentsRequest, ListDocumentsResponse, LoadPromptsRequest, Trait,
};
use serde_json::{Map, Value};

use super::{cycle::LARGEST_BUNDLE, save};
use crate::{
    args::learning::{more::PromptCommand, wishes::ListArgs},
    client::{Node, answer, answer_slowly},
    commands::Session,
    error::{Error, Exit},
    input,
    noun::Noun,
    output::learning::{document, files, list},
};

/// The stages by which prompts are shown; the rest follows.
const STAGES: [&str; 7] =
    ["purpose", "understand", "co-design", "experiment", "embed", "managing", "governing"];

/// The word for the kind.
const KIND: &str = "prompt";

/// Prompts on a page, as many as the node gives.
const PAGE: u32 = 500;

/// The prompts of a stage; of none, with an empty name.
pub(super) type ByStage = Vec<(String, Vec<DocumentEntry>)>;

/// Runs one of them.
pub(super) async fn run(session: &mut Session, command: PromptCommand) -> Result<Exit, Error> {
    match command {
        PromptCommand::Load(args) => {
            let content = input::read_text(&args.file, LARGEST_BUNDLE)?;
            let mut node = session.node().await?;
            let request = LoadPromptsRequest { content, file_name: save::file_name(&args.file) };
            let reply = answer_slowly(node.learning.load_prompts(request)).await?;
            session.out.reply(&reply, files::loaded)?;
            Ok(Exit::Done)
        }
        PromptCommand::Hide(args) => offered(session, &args.id, "no").await,
        PromptCommand::Offer(args) => offered(session, &args.id, "yes").await,
    }
}

/// Offers a prompt, or does not.
async fn offered(session: &mut Session, id: &str, word: &str) -> Result<Exit, Error> {
    let Some(noun) = Noun::of(KIND) else { return Ok(Exit::Internal) };
    let mut node = session.node().await?;
    let parts = Map::from_iter([("offered".to_owned(), Value::String(word.to_owned()))]);
    let reply = save::change(&mut node, noun, id, parts).await?;
    session.out.reply(&reply, document::saved)?;
    Ok(Exit::Done)
}

/// The prompts kept here. Where a page was asked for, it is one list; otherwise all of them, by stage.
pub(super) async fn list(session: &mut Session, args: ListArgs) -> Result<Exit, Error> {
    let paged = !args.narrow.cursor.is_empty() || !args.narrow.stage.is_empty() || args.narrow.limit != 50;
    if let Some(noun) = Noun::of(KIND).filter(|_| paged || session.out.wants_json()) {
        return super::look::list(session, noun, args).await;
    }
    let mut node = session.node().await?;
    let asked = args.narrow.request(KIND, &args.words, false);
    let found = by_stage(&mut node, |request| {
        request.words.clone_from(&asked.words);
        request.cycle.clone_from(&asked.cycle);
        request.traits.extend(asked.traits.iter().cloned());
    });
    let found = found.await?;
    tell(session, &found, "")
}

/// Shows them.
pub(super) fn tell(session: &mut Session, found: &ByStage, which: &str) -> Result<Exit, Error> {
    if session.out.wants_json() {
        let documents = found.iter().flat_map(|(_, prompts)| prompts.iter().cloned()).collect();
        let reply = ListDocumentsResponse { documents, ..ListDocumentsResponse::default() };
        session.out.reply(&reply, |_, _| ())?;
    } else {
        session.out.page(|page| list::prompts(found, which, page))?;
    }
    Ok(Exit::Done)
}

/// All prompts that fit, by stage. The node's lists do not say the stage, so it is asked for one stage after another.
pub(super) async fn by_stage(
    node: &mut Node,
    narrow: impl Fn(&mut ListDocumentsRequest),
) -> Result<ByStage, Error> {
    let mut request = ListDocumentsRequest { kind: KIND.to_owned(), limit: PAGE, ..Default::default() };
    narrow(&mut request);
    let all = pages(node, request.clone()).await?;
    let (mut found, mut placed) = (ByStage::new(), BTreeSet::new());
    for stage in STAGES {
        let mut of_stage = request.clone();
        of_stage.traits.push(Trait { name: "stage".to_owned(), value: stage.to_owned() });
        let prompts = if all.is_empty() { Vec::new() } else { pages(node, of_stage).await? };
        placed.extend(prompts.iter().map(|prompt| prompt.id.clone()));
        found.push((stage.to_owned(), prompts));
    }
    let rest = all.into_iter().filter(|prompt| !placed.contains(&prompt.id)).collect();
    found.push((String::new(), rest));
    found.retain(|(_, prompts)| !prompts.is_empty());
    Ok(found)
}

/// All pages of a list, by id: prompts have their order in it.
async fn pages(node: &mut Node, mut request: ListDocumentsRequest) -> Result<Vec<DocumentEntry>, Error> {
    let mut all = Vec::new();
    loop {
        let reply = answer(node.learning.list_documents(request.clone())).await?;
        all.extend(reply.documents);
        request.cursor = reply.next_cursor;
        if request.cursor.is_empty() {
            all.sort_by(|one, other| one.id.cmp(&other.id));
            return Ok(all);
        }
    }
}
