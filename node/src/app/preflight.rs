//! The page that stands before every release. A release is made of the very same page, so that nothing leaves otherwise
//! than it was shown.

mod basis;
mod said;

use basis::{licences, remaining};
pub use said::Saying;

use super::{
    App, AppError,
    actor::Operator,
    append::Draft,
    experiments::AtHome,
    publish::{What, Wish},
};
use crate::{
    domain::{
        consent::{self, Coverage},
        disclosure::{Change, Earlier},
        experiment::Summary,
        peer::Peering,
        policy::{Card, Policy, Withheld},
        preflight::{self, Against, Finding},
        record::{Body, ConsentState, Disclosure, Reference},
        release::{self, Fitted, Obstacle, Rests},
        restriction::Sort,
        text::Line,
    },
    store::Tx,
};

/// Everything there is to know before a release.
#[derive(Clone, Debug)]
pub struct Page {
    /// What it is about.
    pub title: String,
    /// What stands in the way for good.
    pub obstacles: Vec<Obstacle>,
    /// What was found, first what blocks.
    pub findings: Vec<Finding>,
    /// How numbers are changed.
    pub changes: Vec<Change>,
    /// The small-number rules in words.
    pub number_rules: String,
    /// Which consent covers what.
    pub coverage: Vec<Coverage>,
    /// The card.
    pub card: Card,
    /// The policy, with its end.
    pub policy: Policy,
    /// Who receives it today.
    pub recipients: Vec<Peering>,
    /// Who does not, and why.
    pub withheld: Vec<(Peering, Withheld)>,
    /// What the record will say was done to protect people.
    pub statement: String,
    /// Why it needs a second person; nothing if it does not.
    pub second_person: Option<String>,
}

impl Page {
    /// Whether it can leave as things stand.
    #[must_use]
    pub fn clear(&self) -> bool {
        self.obstacles.is_empty() && !self.findings.iter().any(Finding::stops)
    }
}

/// A page, and what would leave if it is clear.
#[derive(Clone, Debug)]
pub(crate) struct Prepared {
    pub(crate) page: Page,
    /// Nothing, where not even a summary can be made.
    pub(crate) draft: Option<Draft>,
    /// The experiment and its version.
    pub(crate) experiment: Option<(String, u64)>,
}

impl App {
    /// The page for a release that is only thought of.
    ///
    /// # Errors
    /// [`AppError`] when the wish itself cannot be understood.
    pub async fn preflight(&self, _: &Operator, wish: &Wish) -> Result<Page, AppError> {
        let mut tx = self.store.read().await?;
        Ok(self.prepare(&mut tx, wish).await?.page)
    }

    /// The page for an experiment in a file, which is looked at and not kept.
    ///
    /// # Errors
    /// [`AppError::File`] naming line and part.
    pub async fn preflight_file(
        &self,
        _: &Operator,
        file: &str,
        bytes: &[u8],
        wish: &Wish,
    ) -> Result<Page, AppError> {
        let mut tx = self.store.read().await?;
        let at_home = self.in_file(&mut tx, file, bytes).await?;
        let policy = self.policy(&mut tx, wish).await?;
        Ok(self.prepare_experiment(&mut tx, at_home, policy, wish).await?.page)
    }

    /// The page and what would leave.
    pub(crate) async fn prepare(&self, tx: &mut Tx, wish: &Wish) -> Result<Prepared, AppError> {
        let policy = self.policy(tx, wish).await?;
        match &wish.what {
            What::Profile => self.prepare_profile(tx, policy, wish).await,
            What::Said(saying) => self.prepare_said(tx, policy, wish, saying).await,
            What::Experiment(id) => {
                let at_home = self.at_home(tx, id).await?;
                self.prepare_experiment(tx, at_home, policy, wish).await
            }
        }
    }

    async fn prepare_profile(&self, tx: &mut Tx, policy: Policy, wish: &Wish) -> Result<Prepared, AppError> {
        let profile = self.place_document(tx).await?.ok_or(AppError::Unnamed)?.profile()?;
        let mut obstacles = Vec::new();
        obstacles.extend(policy.expired(self.clock.now()).then_some(Obstacle::AlreadyExpired));
        obstacles.extend((wish.card == Card::PatternFinding).then_some(Obstacle::ProfileUnnamed));
        let findings = preflight::check_profile(&profile, &self.settings);
        let reason = "the place speaks for itself, with roles and no persons";
        let coverage = Coverage {
            consent: String::new(),
            parts: Vec::new(),
            words: format!("not needed: {reason}"),
            gaps: Vec::new(),
        };
        let mut page = self.page(tx, wish, &policy, profile.name.to_string()).await?;
        page.obstacles = obstacles;
        page.coverage = vec![coverage];
        let disclosure = self.judge(&mut page, findings, wish, None)?;
        let draft = Draft {
            body: Body::Profile(profile),
            policy,
            consent: ConsentState::NotNeeded,
            consent_records: serde_json::json!({ "not_needed": reason }).to_string(),
            disclosure: Some(disclosure),
            references: Vec::new(),
        };
        Ok(Prepared { page, draft: Some(draft), experiment: None })
    }

    async fn prepare_experiment(
        &self,
        tx: &mut Tx,
        at_home: AtHome,
        mut policy: Policy,
        wish: &Wish,
    ) -> Result<Prepared, AppError> {
        let now = self.clock.now();
        let AtHome { listed, summary, consent: whole, parts } = at_home;
        policy.expires_at = policy.expires_at.or_else(|| consent::ends_at(&whole, &parts, &policy, now));
        policy.licence = summary.as_ref().map(licences).unwrap_or_default();
        let experiment = Some((listed.row.id.clone(), listed.row.version));
        let mut page = self.page(tx, wish, &policy, listed.experiment.title.to_string()).await?;
        let summary = match summary {
            Ok(summary) => summary,
            Err(obstacle) => {
                page.obstacles.push(obstacle);
                return Ok(Prepared { page, draft: None, experiment });
            }
        };
        let rests = Rests { whole: &whole, parts: &parts };
        let Fitted { mut summary, coverage, obstacles } = release::fit(summary, rests, &policy, now);
        let (consent, consent_records) = remaining(&whole, &parts, &coverage)?;
        (page.coverage, page.obstacles) = (coverage, obstacles);
        let unnamed = self.unnamed(tx, wish.card, &mut summary).await?;
        let (id, version) = (&listed.row.id, listed.row.version);
        let replaced = self.replaced(tx, id, version, &policy, wish, &mut page).await?;
        // Without figures there is nothing to compare, and our summaries need not be read.
        let earlier = match summary.figures.is_empty() {
            true => Vec::new(),
            false => self.figures_out(tx).await?,
        };
        let earlier: Vec<_> =
            earlier.iter().map(|(record, figures)| Earlier { record: record.to_string(), figures }).collect();
        let (starts, own) = (listed.experiment.starting_points(), listed.experiment.protection());
        let beside = preflight::parts::beside(&starts, own.as_ref());
        let settings = &self.settings;
        let against = Against { settings, earlier: &earlier, unnamed: &unnamed, beside: &beside };
        let (summary, changes, findings) = preflight::check(summary, &against);
        page.changes = changes;
        let disclosure = Some(self.judge(&mut page, findings, wish, own.as_ref())?);
        let starts = starts.into_iter().map(Reference::DerivedFrom);
        let references = starts.chain(replaced.map(Reference::RevisionOf)).collect();
        let body = Body::Summary(Box::new(summary));
        let draft = Draft { body, policy, consent, consent_records, disclosure, references };
        Ok(Prepared { page, draft: Some(draft), experiment })
    }

    /// A page that says who receives it, and nothing yet of what it is.
    async fn page(&self, tx: &mut Tx, wish: &Wish, policy: &Policy, title: String) -> Result<Page, AppError> {
        let sort = match &wish.what {
            What::Profile => Sort::Profile,
            What::Experiment(_) | What::Said(_) => Sort::Other,
        };
        let mut readers = Vec::new();
        for peering in self.all_peerings(tx).await? {
            let reader = self.reader(tx, &peering).await?;
            readers.push((peering, reader));
        }
        let (recipients, withheld) = release::reach(policy, sort, &readers, self.clock.now());
        Ok(Page {
            title,
            obstacles: Vec::new(),
            findings: Vec::new(),
            changes: Vec::new(),
            number_rules: self.settings.rules().words(),
            coverage: Vec::new(),
            card: wish.card,
            policy: policy.clone(),
            recipients: recipients.into_iter().cloned().collect(),
            withheld: withheld.into_iter().map(|(peer, why)| (peer.clone(), why)).collect(),
            statement: String::new(),
            second_person: self.settings.second_person(wish.card, wish.overrides.len()),
        })
    }

    /// Enters what was found and what is overridden, and writes the statement that travels.
    fn judge(
        &self,
        page: &mut Page,
        mut findings: Vec<Finding>,
        wish: &Wish,
        own: Option<&Disclosure>,
    ) -> Result<Disclosure, AppError> {
        preflight::decide(&mut findings, &wish.overrides)
            .map_err(|error| AppError::Argument(error.to_string()))?;
        let statement = preflight::statement(own, &findings, &self.settings)?;
        page.statement = statement.to_string();
        page.findings = findings;
        Ok(Disclosure {
            statement,
            rule_set: Some(Line::new("rule_set", self.settings.rules().name())?),
            checked_by: Some(wish.authorised_by.clone()),
            checked_on: Some(self.today()),
        })
    }

    /// Names that must not stand in it; whose experiment it is does not leave then.
    async fn unnamed(&self, tx: &mut Tx, card: Card, summary: &mut Summary) -> Result<Vec<String>, AppError> {
        if card != Card::PatternFinding {
            return Ok(Vec::new());
        }
        let own = self.own_name(tx).await?;
        let whose = summary.whose.take().map(|whose| whose.to_string());
        Ok(own.into_iter().chain(whose).collect())
    }
}
