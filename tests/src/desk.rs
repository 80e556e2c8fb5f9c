//! The desk of a place: what its people ask of their own node, over the same admin service that the
//! command line speaks.

use std::path::Path;

use cairn_node::domain::policy::Card;
use cairn_proto::pb::{
    admin::{
        AcceptPeerRequest, ClosedGate, ExportEvidenceRequest, Finding, ForkEntry, GetGateRequest,
        GetRecordRequest, GetRecordResponse, GetStatusRequest, GetStatusResponse, GetSyncStatusRequest,
        Holder, ImportExperimentRequest, InvitePeerRequest, LedgerEntry, ListAuditRequest, ListForksRequest,
        ListLedgerRequest, ListPeersRequest, ListRecordsRequest, ListWithdrawalsRequest, OpenGateRequest,
        Peer, PublishRequest, PublishResponse, RecordEntry, RecordSource, RemovePeerRequest,
        RunDoctorRequest, SyncEntry, WithdrawRequest, Withdrawal, admin_service_client::AdminServiceClient,
        dialogue_service_client::DialogueServiceClient, integrity_service_client::IntegrityServiceClient,
        learning_service_client::LearningServiceClient, publish_request::What,
        release_service_client::ReleaseServiceClient, standing_service_client::StandingServiceClient,
        subscription_service_client::SubscriptionServiceClient,
        succession_service_client::SuccessionServiceClient,
    },
    exchange::Standing,
};
use tonic::{
    Status,
    transport::{Channel, Endpoint},
};

use crate::wait::until;

/// The case pack that ships with the node.
const CASES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../node/cases");
/// As many records as one listing gives.
const LISTING: u32 = 500;

/// A desk.
#[derive(Clone, Debug)]
pub struct Desk {
    admin: AdminServiceClient<Channel>,
    learning: LearningServiceClient<Channel>,
    release: ReleaseServiceClient<Channel>,
    integrity: IntegrityServiceClient<Channel>,
    standing: StandingServiceClient<Channel>,
    subscription: SubscriptionServiceClient<Channel>,
    succession: SuccessionServiceClient<Channel>,
    dialogue: DialogueServiceClient<Channel>,
}

/// The bytes of a case of the report, by its id.
///
/// # Panics
/// When there is no such case.
#[must_use]
pub fn case(id: &str) -> Vec<u8> {
    std::fs::read(Path::new(CASES).join(format!("{id}.yaml"))).expect("the case is in the pack")
}

/// A wish to release an experiment under a card.
#[must_use]
pub fn wish(experiment: &str, card: Card) -> PublishRequest {
    let what = Some(What::ExperimentId(experiment.to_owned()));
    PublishRequest { what, card: card.name().to_owned(), ..Default::default() }
}

/// A wish to release an experiment to named peers.
#[must_use]
pub fn wish_for(experiment: &str, names: &[&str]) -> PublishRequest {
    let to = names.iter().map(|&name| name.to_owned()).collect();
    PublishRequest { to, ..wish(experiment, Card::NamedPeers) }
}

/// A wish to release the profile under a card.
#[must_use]
pub fn profile(card: Card) -> PublishRequest {
    let what = Some(What::Profile(true));
    PublishRequest { what, card: card.name().to_owned(), ..Default::default() }
}

impl Desk {
    /// Sits down at the node that answers at `endpoint` ("unix:PATH").
    ///
    /// # Errors
    /// When nobody answers there.
    pub async fn at(endpoint: &str) -> Result<Self, tonic::transport::Error> {
        let channel = Endpoint::from_shared(endpoint.to_owned())?.connect().await?;
        let admin = AdminServiceClient::new(channel.clone()).max_decoding_message_size(16 << 20);
        let learning = LearningServiceClient::new(channel.clone()).max_decoding_message_size(16 << 20);
        let release = ReleaseServiceClient::new(channel.clone()).max_decoding_message_size(16 << 20);
        let integrity = IntegrityServiceClient::new(channel.clone());
        let standing = StandingServiceClient::new(channel.clone()).max_decoding_message_size(16 << 20);
        let subscription = SubscriptionServiceClient::new(channel.clone());
        let succession = SuccessionServiceClient::new(channel.clone());
        let dialogue = DialogueServiceClient::new(channel);
        Ok(Self { admin, learning, release, integrity, standing, subscription, succession, dialogue })
    }

    /// The generated client for learning at home.
    #[must_use]
    pub fn learning(&self) -> LearningServiceClient<Channel> {
        self.learning.clone()
    }

    /// The generated client, for calls that have no word here.
    #[must_use]
    pub fn admin(&self) -> AdminServiceClient<Channel> {
        self.admin.clone()
    }

    /// The generated client for release and withdrawal.
    #[must_use]
    pub fn release(&self) -> ReleaseServiceClient<Channel> {
        self.release.clone()
    }

    /// The gate before the node's key, while it is closed.
    pub async fn gate(&self) -> Option<ClosedGate> {
        self.integrity.clone().get_gate(GetGateRequest {}).await.expect("the gate").into_inner().closed
    }

    /// Opens the gate by hand.
    ///
    /// # Errors
    /// What stands in the way.
    pub async fn open_gate(&self, reason: &str) -> Result<(), Status> {
        self.integrity.clone().open_gate(OpenGateRequest { reason: reason.into() }).await.map(|_| ())
    }

    /// Authors that are known here to have signed two logs.
    pub async fn forks(&self) -> Vec<ForkEntry> {
        self.integrity.clone().list_forks(ListForksRequest {}).await.expect("forks").into_inner().forks
    }

    /// The generated client for how a place stands to others.
    #[must_use]
    pub fn standing(&self) -> StandingServiceClient<Channel> {
        self.standing.clone()
    }

    /// The generated client for what a place follows.
    #[must_use]
    pub fn subscription(&self) -> SubscriptionServiceClient<Channel> {
        self.subscription.clone()
    }

    /// The generated client for who goes on in the place of a node.
    #[must_use]
    pub fn succession(&self) -> SuccessionServiceClient<Channel> {
        self.succession.clone()
    }

    /// The generated client for what is said about records.
    #[must_use]
    pub fn dialogue(&self) -> DialogueServiceClient<Channel> {
        self.dialogue.clone()
    }

    /// Takes a record back.
    ///
    /// # Errors
    /// What stands in the way.
    pub async fn withdraw(&self, record: &str, reason: &str) -> Result<Withdrawal, Status> {
        let request = WithdrawRequest { record: record.into(), reason: reason.into(), ..Default::default() };
        let answer = self.release().withdraw(request).await?.into_inner();
        Ok(answer.withdrawal.expect("a withdrawal"))
    }

    /// How far a withdrawal has come.
    pub async fn withdrawal(&self, record: &str) -> Withdrawal {
        let request = ListWithdrawalsRequest { record: record.to_owned() };
        let all = self.release().list_withdrawals(request).await.expect("withdrawals").into_inner();
        all.withdrawals.into_iter().next().expect("one withdrawal")
    }

    /// Where a withdrawal stands at one holder, by its name.
    pub async fn holder(&self, record: &str, holder: &str) -> Option<Holder> {
        self.withdrawal(record).await.holders.into_iter().find(|h| h.name == holder)
    }

    /// Who was given a record, or anything, and what they say they did with it.
    pub async fn ledger(&self, record: &str) -> Vec<LedgerEntry> {
        let request = ListLedgerRequest { record: record.to_owned(), recipient: String::new() };
        self.release().list_ledger(request).await.expect("the ledger").into_inner().entries
    }

    /// What was done here, newest first: event and words.
    pub async fn audit(&self) -> Vec<(String, String)> {
        let request = ListAuditRequest { limit: 500, before: 0 };
        let entries = self.release().list_audit(request).await.expect("the audit log").into_inner().entries;
        entries.into_iter().map(|entry| (entry.event, entry.words)).collect()
    }

    /// How the node is.
    ///
    /// # Panics
    /// When it does not answer, as every method here does.
    pub async fn status(&self) -> GetStatusResponse {
        self.admin().get_status(GetStatusRequest {}).await.expect("a status").into_inner()
    }

    /// The node's NodeId.
    pub async fn node_id(&self) -> String {
        self.status().await.node_id
    }

    /// The node's NodeId and the size of its log.
    pub async fn log_size(&self) -> (String, u64) {
        let status = self.status().await;
        (status.node_id, status.log_size)
    }

    /// A new ticket.
    pub async fn ticket(&self) -> String {
        self.ticket_for(InvitePeerRequest::default()).await
    }

    /// A new ticket on these terms.
    pub async fn ticket_for(&self, terms: InvitePeerRequest) -> String {
        let ticket = self.admin().invite_peer(terms).await;
        ticket.expect("a ticket").into_inner().ticket
    }

    /// Accepts a ticket or a proposal.
    ///
    /// # Errors
    /// What the node says against it.
    pub async fn accept(&self, what: &str) -> Result<Peer, Status> {
        let request = AcceptPeerRequest { ticket_or_peer: what.to_owned(), ..Default::default() };
        Ok(self.admin().accept_peer(request).await?.into_inner().peer.expect("a peer"))
    }

    /// All peerings.
    pub async fn peerings(&self) -> Vec<Peer> {
        self.admin().list_peers(ListPeersRequest {}).await.expect("the peers").into_inner().peers
    }

    /// The peering with a node, by name or NodeId.
    pub async fn peering(&self, peer: &str) -> Option<Peer> {
        self.peerings().await.into_iter().find(|p| p.node_id == peer || p.name == peer)
    }

    /// Ends a peering.
    pub async fn remove(&self, peer: &str, reason: &str) {
        let request = RemovePeerRequest { peer: peer.to_owned(), reason: reason.to_owned() };
        self.admin().remove_peer(request).await.expect("the peering ends");
    }

    /// Reads in an experiment file.
    pub async fn import(&self, content: impl Into<Vec<u8>>) -> String {
        let request = ImportExperimentRequest { content: content.into(), file_name: "case.yaml".into() };
        let answer = self.admin().import_experiment(request).await.expect("a good file").into_inner();
        answer.experiment.expect("an experiment").id
    }

    /// Reads in a case of the report.
    pub async fn import_case(&self, id: &str) {
        assert_eq!(self.import(case(id)).await, id);
    }

    /// Releases.
    ///
    /// # Errors
    /// What stands in the way.
    pub async fn try_publish(&self, wish: PublishRequest) -> Result<PublishResponse, Status> {
        Ok(self.admin().publish(wish).await?.into_inner())
    }

    /// Releases, and gives the record's id.
    pub async fn publish(&self, wish: PublishRequest) -> String {
        self.try_publish(wish).await.expect("nothing stands in the way").record_id
    }

    /// Records held here, newest first.
    pub async fn records(&self, source: RecordSource) -> Vec<RecordEntry> {
        let request = ListRecordsRequest { source: source.into(), limit: LISTING, ..Default::default() };
        self.admin().list_records(request).await.expect("the records").into_inner().records
    }

    /// Ids of the records that are found by these words, newest first.
    pub async fn found(&self, words: &str) -> Vec<String> {
        let request = ListRecordsRequest { words: words.to_owned(), limit: LISTING, ..Default::default() };
        let found = self.admin().list_records(request).await.expect("the records").into_inner().records;
        found.into_iter().map(|record| record.record_id).collect()
    }

    /// One record held here.
    ///
    /// # Errors
    /// When it is not held.
    pub async fn record(&self, id: &str) -> Result<GetRecordResponse, Status> {
        let request = GetRecordRequest { record: id.to_owned() };
        Ok(self.admin().get_record(request).await?.into_inner())
    }

    /// Whether a record is held here, once both ways of looking agree.
    pub async fn holds(&self, id: &str) -> bool {
        until("list and show agree", async || {
            let listed = self.records(RecordSource::Unspecified).await.iter().any(|r| r.record_id == id);
            let shown = self.record(id).await.is_ok();
            (listed == shown).then_some(shown)
        })
        .await
    }

    /// How far the log of a peer (name or NodeId) was followed.
    pub async fn sync(&self, peer: &str) -> SyncEntry {
        let entries = self.admin().get_sync_status(GetSyncStatusRequest {}).await.expect("a sync status");
        let entry = entries.into_inner().entries.into_iter().find(|e| e.node_id == peer || e.name == peer);
        entry.expect("a peer of that name")
    }

    /// What the doctor finds.
    pub async fn doctor(&self) -> Vec<Finding> {
        self.admin().run_doctor(RunDoctorRequest {}).await.expect("a check-up").into_inner().findings
    }

    /// An evidence pack.
    pub async fn evidence(&self, record: &str) -> Vec<u8> {
        let request = ExportEvidenceRequest { record: record.to_owned() };
        self.admin().export_evidence(request).await.expect("evidence").into_inner().pack
    }

    /// Whether the log of `author`, if it is an active peer, was followed to `size` without complaint.
    pub(crate) async fn is_up_to_date_with(&self, author: &str, size: u64) -> bool {
        match self.peering(author).await {
            Some(peer) if peer.standing() == Standing::Active => {
                let sync = self.sync(author).await;
                sync.leaves == size && sync.settled_to == size && sync.last_error.is_empty()
            }
            _ => true,
        }
    }
}
