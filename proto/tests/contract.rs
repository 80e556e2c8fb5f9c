//! The contract as others meet it: published vectors, properties and refusals. One binary, one file a module.
#![cfg(test)]

#[path = "contract/checkpoint.rs"]
mod checkpoint;
#[path = "contract/envelope.rs"]
mod envelope;
#[path = "contract/evidence.rs"]
mod evidence;
#[path = "contract/fork.rs"]
mod fork;
#[path = "contract/identity.rs"]
mod identity;
#[path = "contract/ids.rs"]
mod ids;
#[path = "contract/log.rs"]
mod log;
#[path = "contract/merkle_vectors.rs"]
mod merkle_vectors;
#[path = "contract/note.rs"]
mod note;
#[path = "support/place.rs"]
mod place;
#[path = "contract/record.rs"]
mod record;
#[path = "contract/succession.rs"]
mod succession;
#[path = "contract/ticket.rs"]
mod ticket;
#[path = "contract/trust.rs"]
mod trust;
