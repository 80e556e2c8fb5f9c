//! `[backup]`: where backups go by themselves, whose keys open them, how often and for how long.

use jiff::SignedDuration;
use serde::Deserialize;

use crate::backup::{KEEP_DAYS, Recipient, Settings};

/// A backup less often than this is none.
const MOST_HOURS: u32 = 24 * 31;

#[derive(Debug, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields, default)]
pub(super) struct BackupSection {
    directory: String,
    recipients: Vec<String>,
    every_hours: u32,
    keep_days: u32,
}

impl Default for BackupSection {
    fn default() -> Self {
        Self { directory: String::new(), recipients: Vec::new(), every_hours: 24, keep_days: KEEP_DAYS }
    }
}

impl BackupSection {
    pub(super) fn settings(self) -> Result<Settings, String> {
        let Self { directory, recipients, every_hours, keep_days } = self;
        let recipients = recipients.iter().map(|text| text.parse::<Recipient>());
        let recipients = recipients
            .collect::<Result<Vec<_>, _>>()
            .map_err(|error| format!("[backup] recipients: {error}"))?;
        if !(1..=MOST_HOURS).contains(&every_hours) {
            return Err(format!("[backup] every_hours must be from 1 to {MOST_HOURS}"));
        }
        if !(1..=KEEP_DAYS).contains(&keep_days) {
            return Err(format!(
                "[backup] keep_days must be from 1 to {KEEP_DAYS}: receipts promise peers that no backup holds a purged \
                 record longer"
            ));
        }
        if !directory.is_empty() && recipients.is_empty() {
            return Err("[backup] recipients must name who can open the backups: make a key with `cairn-node backup key --out \
                        FILE` on another machine, and name its age1... here"
                .to_owned());
        }
        Ok(Settings {
            directory: (!directory.is_empty()).then(|| directory.into()),
            recipients,
            every: SignedDuration::from_hours(every_hours.into()),
            keep_days,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p";

    fn section(
        directory: &str,
        recipients: &[&str],
        every_hours: u32,
        keep_days: u32,
    ) -> Result<Settings, String> {
        let recipients = recipients.iter().map(|&text| text.to_owned()).collect();
        BackupSection { directory: directory.to_owned(), recipients, every_hours, keep_days }.settings()
    }

    #[test]
    fn what_cannot_be_is_refused_with_what_to_write_instead() {
        assert!(section("/backups", &[GOOD], 24, 35).is_ok());
        assert!(section("", &[], 24, 35).is_ok_and(|settings| settings.directory.is_none()));
        for (refused, words) in [
            (section("/backups", &[], 24, 35), "backup key --out"),
            (section("/backups", &["age1nonsense"], 24, 35), "no age recipient"),
            (section("/backups", &[GOOD], 0, 35), "every_hours"),
            (section("/backups", &[GOOD], 24, 36), "receipts promise"),
            (section("/backups", &[GOOD], 24, 0), "keep_days"),
        ] {
            assert!(refused.as_ref().is_err_and(|what| what.contains(words)), "{refused:?}");
        }
    }
}
