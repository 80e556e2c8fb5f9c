//! How the place stands to others.

pub(crate) mod block;
pub(crate) mod hold_back;
pub(crate) mod trust;
