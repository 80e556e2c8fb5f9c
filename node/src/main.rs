//! A Cairn node.
fn main() {}
