//! A catalogue: what a peer may read of a log, without the records. A title is a part of its record, so whoever is told of one is in the
//! disclosure ledger before it is.

use cairn_proto::{limits, pb::exchange as pb};
use prost::Message as _;

use super::{Admission, OPENING_ROWS, ServedLog, Terms, Whose, giving::Giving, used_up};
use crate::{
    app::{App, AppError, actor::VerifiedPeer},
    domain::{
        subscription::{Filter, Offer},
        text::Line,
    },
    store::OpeningRow,
    wire,
};

/// An answer ends once it is this large: a quarter of the largest message, as a batch of openings.
const OFFER_BYTES: u64 = limits::MESSAGE_BYTES as u64 / 4;

impl App {
    /// The summaries of a log from index `from` on that the peer may read now and that pass the filter. They are in the disclosure ledger
    /// when this returns.
    ///
    /// # Errors
    /// [`AppError::Paused`] or [`AppError::Gate`], [`AppError::DailyBytes`], or [`AppError::NotServed`] for the peer's own log.
    pub async fn offers_for(
        &self,
        peer: &VerifiedPeer,
        log: &ServedLog,
        filter: &Filter,
        from: u64,
    ) -> Result<pb::ListOffersResponse, AppError> {
        if log.whose == Whose::Theirs {
            return Err(AppError::NotServed(log.origin));
        }
        let now = self.clock.now();
        let end = log.head.size.min(log.openings_to);
        if from >= end {
            return Ok(pb::ListOffersResponse { offers: Vec::new(), looked_to: from, end });
        }
        let mut tx = self.read_to_give().await?;
        let rows = self.rows_for(&mut tx, peer, log, &[], (from, end)).await?;
        let allowance = self.allowance_today(&mut tx, peer, now).await?;
        drop(tx);
        let full = rows.len() as u64 == u64::from(OPENING_ROWS);
        let mut looked_to = rows.last().filter(|_| full).map_or(end, |row| row.index + 1);
        let admission = Admission { reader: peer.reader(), own: log.whose == Whose::Own, now };
        let (mut offers, mut bytes) = (Vec::new(), 0);
        for row in rows {
            let terms = admission.terms(&row)?;
            let Some(offer) = terms.and_then(|terms| offer(&row, terms, filter)) else { continue };
            if bytes >= OFFER_BYTES.min(allowance.left()) {
                looked_to = row.index;
                break;
            }
            let offer = pb::Offer::from(&offer);
            bytes += offer.encoded_len() as u64;
            offers.push(offer);
        }
        if offers.is_empty() && allowance.left() == 0 && looked_to < end {
            return Err(used_up(allowance, now));
        }
        let indices = offers.iter().map(|offer| offer.index).collect();
        self.note_given((peer, log), allowance, &Giving { indices, bytes, titles: true }, now).await?;
        Ok(pb::ListOffersResponse { offers, looked_to, end })
    }
}

fn offer(row: &OpeningRow, terms: Terms, filter: &Filter) -> Option<Offer> {
    let summary = wire::record::summary(terms.body).filter(|summary| filter.lets(row.index, summary))?;
    Some(Offer {
        index: row.index,
        scale: Line::new("scale", &summary.scale.to_string()).ok()?,
        kind: summary.kind,
        title: summary.title,
        themes: summary.themes,
        created_at: terms.released_at,
        expires_at: row.expires_at,
        bytes: (row.salt.len() + row.envelope.len()) as u64,
    })
}
