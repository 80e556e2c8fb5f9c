//! Policies for other software.

use super::{App, AppError, actor::Operator, publish::Wish};
use crate::files::odrl::{self, About};

impl App {
    /// The policy of a record held here as ODRL, and a fitting file name.
    ///
    /// # Errors
    /// [`AppError::NotFound`].
    pub async fn policy_of_record(&self, who: &Operator, record: &str) -> Result<(String, String), AppError> {
        let record = self.record(who, record).await?.shown.record;
        let (id, author) = (record.id().to_string(), record.author.to_string());
        let value = odrl::policy(&record.policy, About { record: Some(&id), author: &author });
        Ok((pretty(&value), format!("policy-{}-{}.jsonld", record.author.short(), record.index)))
    }

    /// The policy that a release would have, as ODRL.
    ///
    /// # Errors
    /// [`AppError`] for a card that is open for whom.
    pub async fn policy_of_wish(&self, _: &Operator, wish: &Wish) -> Result<(String, String), AppError> {
        let mut tx = self.store.read().await?;
        let policy = self.policy(&mut tx, wish).await?;
        let value = odrl::policy(&policy, About { record: None, author: &self.keys.node_id().to_string() });
        Ok((pretty(&value), format!("policy-{}.jsonld", wish.card.name().replace(' ', "-"))))
    }
}

fn pretty(value: &serde_json::Value) -> String {
    format!("{value:#}\n")
}
