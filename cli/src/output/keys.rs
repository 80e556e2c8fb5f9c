//! The keys of the node, as far as anybody may see them.

use cairn_proto::pb::admin::{GetKeysResponse, KeySet, RotateKeysResponse};

use super::{Page, text};

/// The keys in force.
pub(crate) fn shown(reply: &GetKeysResponse, page: &mut Page) {
    keys(&reply.keys.clone().unwrap_or_default(), page);
}

/// After a rotation.
pub(crate) fn rotated(reply: &RotateKeysResponse, page: &mut Page) {
    page.say("The next signing key is in force. Peers learn of it by themselves.");
    page.blank();
    keys(&reply.keys.clone().unwrap_or_default(), page);
}

fn keys(keys: &KeySet, page: &mut Page) {
    let KeySet {
        node_id,
        words,
        signing_key,
        from,
        changes,
        next_key_hash,
        recovery_keys,
        recovery_threshold,
        recovery_key_here,
    } = keys;
    let recovery = match recovery_keys {
        1 => "one key, which can recover the node alone".to_owned(),
        many => format!("{many} keys, of which {recovery_threshold} together can recover the node"),
    };
    page.fields(
        0,
        &[
            ("NodeId", node_id.clone()),
            ("Words", words.clone()),
            ("Signing key", format!("{}, in force from record {from} on", short(signing_key))),
            ("Keys were changed", text::count(*changes, "time", "times")),
            ("Committed to", format!("a next key whose SHA-256 is {}", short(next_key_hash))),
            ("Recovery", recovery),
        ],
    );
    if *recovery_key_here {
        page.blank();
        page.say(
            "The recovery key still lies on this machine. Take it off: whoever has it can take over the node.",
        );
    }
}

/// The beginning of a key or hash: enough to see whether it is another one. `--json` has the whole.
fn short(hex: &str) -> String {
    format!("{}…", hex.chars().take(16).collect::<String>())
}

#[cfg(test)]
mod tests {
    use cairn_proto::pb::admin::{GetKeysResponse, KeySet};

    use super::shown;
    use crate::output::page::tests::rendered;

    #[test]
    fn keys_are_told_without_secrets_and_with_what_to_do() {
        let keys = KeySet {
            node_id: "cairn1dorset".to_owned(),
            signing_key: "ab12".to_owned(),
            from: 7,
            changes: 1,
            recovery_keys: 3,
            recovery_threshold: 2,
            recovery_key_here: true,
            ..Default::default()
        };
        let text = rendered(|page| shown(&GetKeysResponse { keys: Some(keys) }, page));
        for said in ["ab12…, in force from record 7 on", "1 time", "of which 2 together", "Take it off"] {
            assert!(
                text.replace("\n", " ").split_whitespace().collect::<Vec<_>>().join(" ").contains(said),
                "{text}"
            );
        }
    }
}
