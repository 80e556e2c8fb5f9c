//! Speaking to the node of one's own place over its admin interface.
//!
//! The data directory says where: a Unix socket, or loopback with a token. Every
//! call has a deadline. There is no way from here to another place's node.

mod connect;
mod data_dir;
mod reach;

use std::{error::Error as _, time::Duration};

use cairn_proto::pb::admin::{
    GetStatusRequest, GetStatusResponse, admin_service_client::AdminServiceClient,
    dialogue_service_client::DialogueServiceClient, integrity_service_client::IntegrityServiceClient,
    learning_service_client::LearningServiceClient, release_service_client::ReleaseServiceClient,
    standing_service_client::StandingServiceClient, subscription_service_client::SubscriptionServiceClient,
    succession_service_client::SuccessionServiceClient,
};
use tonic::{
    Code, Request, Response, Status, Streaming,
    metadata::{Ascii, Binary, MetadataValue},
    service::{Interceptor, interceptor::InterceptedService},
    transport::Channel,
};

pub(crate) use self::{data_dir::DataDir, reach::ReachError};
use crate::error::Error;

/// What the node may take to say how it is.
pub(crate) const STATUS_DEADLINE: Duration = Duration::from_secs(5);

/// What the node may take for anything else.
const DEADLINE: Duration = Duration::from_secs(30);

/// What the node may take for files with many documents.
const LONG_DEADLINE: Duration = Duration::from_secs(180);

/// The largest answer that is taken in: 500 records in lines and some to spare.
const LARGEST_ANSWER: usize = 16 << 20;

/// The largest file with documents and what goes around it, as the node has it.
const LARGEST_FILE: usize = (8 << 20) + (64 << 10);

/// Where the node reads who is asking. The name ends so because a role may hold any letter.
const ROLE: &str = "cairn-role-bin";

/// The generated client with our token, where one is needed.
pub(crate) type Admin = AdminServiceClient<InterceptedService<Channel, Bearer>>;

/// The generated client for learning at home.
pub(crate) type Learning = LearningServiceClient<InterceptedService<Channel, Bearer>>;

/// The generated client for what leaves and what is taken back.
pub(crate) type Release = ReleaseServiceClient<InterceptedService<Channel, Bearer>>;

/// The generated client for logs and their authors.
pub(crate) type Integrity = IntegrityServiceClient<InterceptedService<Channel, Bearer>>;

/// The generated client for how the place stands to others.
pub(crate) type Standing = StandingServiceClient<InterceptedService<Channel, Bearer>>;

/// The generated client for what the place follows.
pub(crate) type Subscriptions = SubscriptionServiceClient<InterceptedService<Channel, Bearer>>;

/// The generated client for what is said about records.
pub(crate) type Dialogue = DialogueServiceClient<InterceptedService<Channel, Bearer>>;

/// The generated client for who goes on in the place of a node.
pub(crate) type Succession = SuccessionServiceClient<InterceptedService<Channel, Bearer>>;

/// Puts who is asking on every call, and the token on every call over loopback. A Unix socket needs none.
#[derive(Clone)]
pub(crate) struct Bearer {
    token: Option<MetadataValue<Ascii>>,
    role: Option<MetadataValue<Binary>>,
}

impl Interceptor for Bearer {
    fn call(&mut self, mut request: Request<()>) -> Result<Request<()>, Status> {
        if let Some(token) = &self.token {
            request.metadata_mut().insert("authorization", token.clone());
        }
        if let Some(role) = &self.role {
            request.metadata_mut().insert_bin(ROLE, role.clone());
        }
        Ok(request)
    }
}

/// A node that can be spoken to.
#[derive(Clone)]
pub(crate) struct Node {
    /// The generated client; use it with [`answer`].
    pub(crate) admin: Admin,
    /// The generated client for learning at home; use it with [`answer`].
    pub(crate) learning: Learning,
    /// The generated client for what leaves and what is taken back; use it with [`answer`].
    pub(crate) release: Release,
    /// The generated client for logs and their authors; use it with [`answer`].
    pub(crate) integrity: Integrity,
    /// The generated client for how the place stands to others; use it with [`answer`].
    pub(crate) standing: Standing,
    /// The generated client for what the place follows; use it with [`answer`].
    pub(crate) subscription: Subscriptions,
    /// The generated client for who goes on in the place of a node; use it with [`answer`].
    pub(crate) succession: Succession,
    /// The generated client for what is said about records; use it with [`answer`].
    pub(crate) dialogue: Dialogue,
}

impl Node {
    /// Connects to the node whose data directory this is, on behalf of a role.
    pub(crate) async fn connect(dir: &DataDir, role: Option<&str>) -> Result<Self, ReachError> {
        let endpoint = dir.endpoint()?;
        let token = if endpoint.needs_token() { Some(dir.token()?) } else { None };
        let channel = connect::open(&endpoint).await.map_err(|failure| failure.explain(dir, &endpoint))?;
        let bearer = Bearer { token, role: role.map(|role| MetadataValue::from_bytes(role.as_bytes())) };
        let admin = AdminServiceClient::with_interceptor(channel.clone(), bearer.clone());
        let learning = LearningServiceClient::with_interceptor(channel.clone(), bearer.clone());
        let release = ReleaseServiceClient::with_interceptor(channel.clone(), bearer.clone());
        let integrity = IntegrityServiceClient::with_interceptor(channel.clone(), bearer.clone());
        let standing = StandingServiceClient::with_interceptor(channel.clone(), bearer.clone());
        let subscription = SubscriptionServiceClient::with_interceptor(channel.clone(), bearer.clone());
        let succession = SuccessionServiceClient::with_interceptor(channel.clone(), bearer.clone());
        let dialogue = DialogueServiceClient::with_interceptor(channel, bearer);
        Ok(Self {
            admin: admin.max_decoding_message_size(LARGEST_ANSWER),
            learning: learning
                .max_decoding_message_size(LARGEST_FILE)
                .max_encoding_message_size(LARGEST_FILE),
            release: release.max_decoding_message_size(LARGEST_ANSWER),
            integrity: integrity.max_decoding_message_size(LARGEST_ANSWER),
            standing: standing.max_decoding_message_size(LARGEST_ANSWER),
            subscription: subscription.max_decoding_message_size(LARGEST_ANSWER),
            succession,
            dialogue: dialogue.max_decoding_message_size(LARGEST_ANSWER),
        })
    }

    /// Who the node is and how it is: the one question with a short deadline.
    pub(crate) async fn status(&mut self) -> Result<GetStatusResponse, Error> {
        answer_within(STATUS_DEADLINE, self.admin.get_status(GetStatusRequest {})).await
    }
}

/// Waits for the answer to a call, and turns what the node refuses into our error.
pub(crate) async fn answer<T>(call: impl Future<Output = Result<Response<T>, Status>>) -> Result<T, Error> {
    answer_within(DEADLINE, call).await
}

/// As [`answer`], for files with many documents.
pub(crate) async fn answer_slowly<T>(
    call: impl Future<Output = Result<Response<T>, Status>>,
) -> Result<T, Error> {
    answer_within(LONG_DEADLINE, call).await
}

/// The next part of an answer that comes in parts; each has the deadline of an answer.
pub(crate) async fn next_part<T>(parts: &mut Streaming<T>) -> Result<Option<T>, Error> {
    match tokio::time::timeout(DEADLINE, parts.message()).await {
        Ok(part) => part.map_err(|status| refusal(&status)),
        Err(_) => Err(ReachError::Silent { seconds: DEADLINE.as_secs() }.into()),
    }
}

/// As [`answer`], with its own deadline.
async fn answer_within<T>(
    limit: Duration,
    call: impl Future<Output = Result<Response<T>, Status>>,
) -> Result<T, Error> {
    match tokio::time::timeout(limit, call).await {
        Ok(Ok(response)) => Ok(response.into_inner()),
        Ok(Err(status)) => Err(refusal(&status)),
        Err(_) => Err(ReachError::Silent { seconds: limit.as_secs() }.into()),
    }
}

/// The node's own words where it answered; otherwise that the connection broke.
fn refusal(status: &Status) -> Error {
    // A status that the node sent has no source; one that was made here because the connection broke has.
    if let Some(source) = status.source() {
        return ReachError::Lost { why: source.to_string() }.into();
    }
    let message = match (status.code(), status.message()) {
        (Code::Unimplemented, _) => {
            "The node does not know this request: it is older than this command. Upgrade \
                                     cairn-node, or use the cairn command that came with it."
                .to_owned()
        }
        (code, "") => {
            format!("The node refused without saying why ({}). Look into its log.", code.description())
        }
        (_, message) => message.to_owned(),
    };
    Error::Node { code: status.code(), message }
}

#[cfg(test)]
mod tests {
    use tonic::{Code, Status};

    use super::refusal;
    use crate::error::Exit;

    #[test]
    fn what_the_node_says_passes_unchanged() {
        let error = refusal(&Status::not_found("There is no experiment x. See `cairn experiment list`."));
        assert_eq!(error.to_string(), "There is no experiment x. See `cairn experiment list`.");
        assert_eq!(error.exit(), Exit::NotFound);
    }

    #[test]
    fn every_code_leads_to_its_exit() {
        let exit = |code| refusal(&Status::new(code, "It is so.")).exit();
        assert_eq!(exit(Code::FailedPrecondition), Exit::Refused);
        assert_eq!(exit(Code::PermissionDenied), Exit::Refused);
        assert_eq!(exit(Code::InvalidArgument), Exit::Usage);
        assert_eq!(exit(Code::Unavailable), Exit::Unreachable);
        assert_eq!(exit(Code::Internal), Exit::Internal);
    }
}
