//! How the place stands to others: what is held back, who is blocked, and lists of proposals about others.

pub(crate) mod block;
pub(crate) mod hold_back;
pub(crate) mod trust;
