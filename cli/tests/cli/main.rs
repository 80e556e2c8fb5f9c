//! The command line from outside: the real program, with no node, with a node that is played
//! by the test, and with `cairn-node` programs that fail.

#[cfg(test)]
mod broken_demo;
#[cfg(test)]
mod editor;
#[cfg(test)]
mod fake;
#[cfg(test)]
mod fake_learning;
#[cfg(test)]
mod fake_release;
mod fake_standing;
mod fake_subscription;
#[cfg(test)]
mod learning;
#[cfg(test)]
mod leaving;
#[cfg(test)]
mod program;
mod standing;
mod subscription;
#[cfg(test)]
mod with_node;
#[cfg(test)]
mod without_node;
