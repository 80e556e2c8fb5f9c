//! A Cairn node.
