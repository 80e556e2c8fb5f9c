//! The outside view.
