//! What lists of other places propose.

use cairn_proto::pb::exchange as pb;

use crate::domain::trust::Proposal;

/// The wire value of a proposal.
#[must_use]
pub fn proposal_to_pb(proposal: Proposal) -> pb::TrustProposal {
    match proposal {
        Proposal::Known => pb::TrustProposal::Known,
        Proposal::Limit => pb::TrustProposal::Limit,
        Proposal::Suspend => pb::TrustProposal::Suspend,
        Proposal::Block => pb::TrustProposal::Block,
    }
}

/// The proposal of a wire value; none for what is not known here.
#[must_use]
pub fn proposal(proposal: pb::TrustProposal) -> Option<Proposal> {
    Some(match proposal {
        pb::TrustProposal::Unspecified => return None,
        pb::TrustProposal::Known => Proposal::Known,
        pb::TrustProposal::Limit => Proposal::Limit,
        pb::TrustProposal::Suspend => Proposal::Suspend,
        pb::TrustProposal::Block => Proposal::Block,
    })
}
