//! Replies as canonical protobuf JSON, with the field names of the schema.
//!
//! Fields at their default are included, 64-bit integers are numbers, bytes are base64.

use std::sync::LazyLock;

use cairn_proto::pb::{self, admin, exchange};
use prost::Message;
use prost_reflect::{DescriptorPool, DynamicMessage, SerializeOptions};
use serde::{Serialize, Serializer};

use crate::error::Error;

/// The compiled schemas; `None` only if the build wrote them wrongly.
static POOL: LazyLock<Option<DescriptorPool>> =
    LazyLock::new(|| DescriptorPool::decode(pb::DESCRIPTORS).ok());

/// How messages become JSON.
const OPTIONS: SerializeOptions = SerializeOptions::new()
    .skip_default_fields(false)
    .stringify_64_bit_integers(false)
    .use_proto_field_name(true)
    .use_enum_numbers(false);

/// A message that can be shown as JSON.
pub(crate) trait Reply: Message {
    /// Its full name in the schema.
    const NAME: &'static str;
}

macro_rules! replies {
    ($($package:ident $path:literal: $($message:ident),+;)+) => {
        $($(impl Reply for $package::$message {
            const NAME: &'static str = concat!($path, ".", stringify!($message));
        })+)+

        /// An empty message of each kind as JSON, with its name.
        #[cfg(test)]
        fn all_empty() -> Vec<(&'static str, Result<Canonical, Error>)> {
            vec![$($(($package::$message::NAME, canonical(&$package::$message::default())),)+)+]
        }
    };
}

replies! {
    admin "cairn.admin.v1":
        AcceptPeerResponse, GetExperimentResponse, GetGateResponse, GetKeysResponse, ListForksResponse, OpenGateResponse, RotateKeysResponse,
        ExplainPeerResponse, TestPeerResponse, GetPeerResponse, GetPlaceResponse, GetRecordResponse,
        GetStatusResponse, GetSyncStatusResponse, ImportExperimentResponse, InvitePeerResponse,
        ListExperimentsResponse, ListPeersResponse, ListRecordsResponse, PublishResponse, RemovePeerResponse,
        RunDoctorResponse, SetPlaceResponse,
        DeclareExperimentResponse, DiscardDraftResponse, EraseDocumentResponse, GetDocumentResponse,
        GetDraftResponse, GetHistoryResponse, ImportCycleResponse, ImportMapResponse, ListDocumentsResponse,
        ListDraftsResponse, LoadPromptsResponse, RecordConsentEventResponse, SaveDocumentResponse,
        TraceDocumentResponse,
        AddMemberResponse, ApproveReleaseResponse, CreateGroupResponse, EndHoldResponse, HoldRecordResponse,
        ListAuditResponse, ListCardsResponse, ListGroupsResponse, ListHoldsResponse, ListLedgerResponse,
        ListReleasesResponse, ListWithdrawalsResponse, PauseSharingResponse, PreflightResponse,
        RefuseReleaseResponse, RemoveMemberResponse, ResumeSharingResponse, VerifyAuditResponse,
        WithdrawResponse,
        AcceptTrustResponse, AddBlockResponse, DropTrustResponse, ImportTrustResponse, ListBlocksResponse,
        ListTrustResponse, RemoveBlockResponse, RestorePeerResponse, RestrictPeerResponse,
        FetchRecordsResponse, ListSubscriptionsResponse, LookAtCatalogueResponse, PauseFollowingResponse,
        ResumeFollowingResponse, SetSubscriptionResponse,
        GetLineageResponse, GetThreadResponse,
        FinishSuccessionResponse, ListSuccessionsResponse;
    exchange "cairn.exchange.v1": Record;
}

/// A message that becomes JSON with its fields in the order of the schema.
pub(crate) struct Canonical(DynamicMessage);

impl Serialize for Canonical {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize_with_options(serializer, &OPTIONS)
    }
}

/// A message as JSON.
pub(crate) fn canonical<M: Reply>(message: &M) -> Result<Canonical, Error> {
    let wrong = |why: String| Error::Reply(format!("{}: {why}", M::NAME));
    let pool = POOL.as_ref().ok_or_else(|| wrong("the schemas are damaged".to_owned()))?;
    let descriptor =
        pool.get_message_by_name(M::NAME).ok_or_else(|| wrong("it is not in the schemas".to_owned()))?;
    let dynamic = DynamicMessage::decode(descriptor, message.encode_to_vec().as_slice());
    dynamic.map(Canonical).map_err(|error| wrong(error.to_string()))
}

/// What went wrong, for programs.
#[derive(Serialize)]
struct ErrorBody {
    code: &'static str,
    message: String,
    exit_code: u8,
}

/// An error as a JSON object in one line.
pub(crate) fn error(error: &Error) -> String {
    #[derive(Serialize)]
    struct Body {
        error: ErrorBody,
    }
    let exit = error.exit();
    let body = ErrorBody { code: exit.name(), message: error.to_string(), exit_code: exit.code() };
    serde_json::to_string(&Body { error: body }).unwrap_or_else(|_| r#"{"error":{}}"#.to_owned())
}

#[cfg(test)]
mod tests {
    use cairn_proto::pb::{
        admin::{GetStatusResponse, ListRecordsResponse, PublishResponse},
        exchange::{Audience, ConsentStatement, Policy, Public, Purpose, Record, audience},
    };
    use serde_json::{Value, json};
    use tonic::Code;

    use super::{Reply, all_empty, canonical, error};
    use crate::error::Error;

    fn to_value<M: Reply>(message: &M) -> Value {
        serde_json::to_value(canonical(message).unwrap()).unwrap()
    }

    #[test]
    fn every_reply_is_in_the_schemas() {
        for (name, value) in all_empty() {
            assert!(value.is_ok(), "{name}");
        }
    }

    #[test]
    fn names_are_those_of_the_schema_and_defaults_are_there() {
        let status =
            GetStatusResponse { node_id: "cairn1x".to_owned(), log_size: u64::MAX, ..Default::default() };
        assert_eq!(
            to_value(&status),
            json!({"name": "", "node_id": "cairn1x", "words": "", "endpoint": "", "version": "", "database": "",
                   "log_size": u64::MAX, "active_peers": 0, "waiting_peers": 0, "experiments": 0,
                   "held_records": 0, "waiting_releases": 0, "open_withdrawals": 0, "cosigned_by": [],
                   "gate_closed": "", "succeeded": ""})
        );
        assert_eq!(
            to_value(&ListRecordsResponse::default()),
            json!({"records": [], "next_cursor": "", "not_shown": []})
        );
    }

    #[test]
    fn fields_stand_in_the_order_of_the_schema() {
        let text = serde_json::to_string(&canonical(&ListRecordsResponse::default()).unwrap()).unwrap();
        assert_eq!(text, r#"{"records":[],"next_cursor":"","not_shown":[]}"#);
    }

    #[test]
    fn nested_messages_enums_bytes_and_times_are_canonical() {
        let policy = Policy {
            audience: Some(Audience { kind: Some(audience::Kind::Public(Public {})) }),
            purposes: vec![Purpose::PeerLearning.into(), 77],
            ..Default::default()
        };
        let consent = ConsentStatement { state: 1, commitment: vec![0, 255] };
        let created_at = Some(prost_types::Timestamp { seconds: 1_795_404_000, nanos: 0 });
        let record =
            Record { policy: Some(policy), consent: Some(consent), created_at, ..Default::default() };
        let value = to_value(&PublishResponse { record: Some(record), ..Default::default() });
        let record = &value["record"];
        assert_eq!(record["policy"]["audience"], json!({"public": {}}));
        assert_eq!(record["policy"]["purposes"], json!(["PURPOSE_PEER_LEARNING", 77]));
        assert_eq!(record["consent"], json!({"state": "CONSENT_STATE_GIVEN", "commitment": "AP8="}));
        assert_eq!(record["created_at"], json!("2026-11-23T03:20:00Z"));
    }

    #[test]
    fn errors_have_a_code_a_message_and_the_exit_code() {
        let refused = Error::Node { code: Code::NotFound, message: "There is none.".to_owned() };
        let expected = r#"{"error":{"code":"not_found","message":"There is none.","exit_code":4}}"#;
        assert_eq!(error(&refused), expected);
    }
}
