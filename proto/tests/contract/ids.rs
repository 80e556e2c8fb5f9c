//! Names: one spelling each, and every typing error told.

use cairn_proto::ids::{InvalidNodeId, InvalidRecordId, NodeId, RecordId};
use proptest::prelude::*;

/// Bytes 0 to 31, with bech32m (BIP 350) and with the older bech32 (BIP 173) checksum.
fn counting() -> NodeId {
    NodeId::from_bytes(std::array::from_fn(|index| u8::try_from(index).unwrap()))
}

#[test]
fn a_node_id_has_sixty_four_characters_and_eight_words() {
    let text = counting().to_string();
    assert_eq!(text.len(), 64);
    assert!(text.starts_with("cairn1"));
    assert_eq!(format!("{:?}", counting()), text);
    // PGP word list: bytes 0, 2, 4, 6 from the two-syllable list, 1, 3, 5, 7 from the three-syllable list.
    assert_eq!(counting().words(), "aardvark adviser accrue aggregate adrift almighty afflict amusement");
    assert_eq!(counting().short(), format!("{}…", &text[..14]));
}

#[test]
fn what_is_not_a_node_id_is_told() {
    let text = counting().to_string();
    let refused = |text: &str| text.parse::<NodeId>().unwrap_err();
    assert_eq!(refused(&text[..63]), InvalidNodeId::Length(63));
    assert_eq!(refused(&format!("{text} ")), InvalidNodeId::Length(65));
    assert_eq!(refused(&text.to_uppercase()), InvalidNodeId::Case);
    assert_eq!(refused(&text.replacen('c', "C", 1)), InvalidNodeId::Case);
    assert_eq!(refused(&format!("{}b", &text[..63])), InvalidNodeId::Character('b'));
    let typo = if text.ends_with('q') { 'p' } else { 'q' };
    assert_eq!(refused(&format!("{}{typo}", &text[..63])), InvalidNodeId::Checksum);
    let hrp = bech32::Hrp::parse("cairm").unwrap();
    let other = bech32::encode::<bech32::Bech32m>(hrp, counting().as_bytes()).unwrap();
    assert_eq!(refused(&other), InvalidNodeId::Prefix);
    let hrp = bech32::Hrp::parse("cairn").unwrap();
    let older = bech32::encode::<bech32::Bech32>(hrp, counting().as_bytes()).unwrap();
    assert_eq!(refused(&older), InvalidNodeId::Checksum);
    assert!(refused("").to_string().contains("64 characters"));
}

/// The last data character carries four padding bits; any but zero would be a second spelling.
#[test]
fn stray_bits_are_refused() {
    use bech32::{ByteIterExt as _, Fe32, Fe32IterExt as _};
    let mut digits: Vec<Fe32> = counting().as_bytes().iter().copied().bytes_to_fes().collect();
    let last = digits.last_mut().unwrap();
    *last = Fe32::try_from(last.to_u8() | 1).unwrap();
    let hrp = bech32::Hrp::parse("cairn").unwrap();
    let text: String = digits.into_iter().with_checksum::<bech32::Bech32m>(&hrp).chars().collect();
    assert_eq!(text.parse::<NodeId>(), Err(InvalidNodeId::Padding));
}

#[test]
fn a_record_id_is_author_and_index() {
    let id = RecordId { author: counting(), index: 3 };
    assert_eq!(id.to_string(), format!("{}/3", counting()));
    assert_eq!(id.to_string().parse(), Ok(id));
    let refused = |text: String| text.parse::<RecordId>().unwrap_err();
    assert_eq!(refused(counting().to_string()), InvalidRecordId::Shape);
    for index in ["", "03", "+3", "3/3", "-1", "18446744073709551616"] {
        assert_eq!(refused(format!("{}/{index}", counting())), InvalidRecordId::Index);
    }
    assert_eq!(refused("x/3".to_owned()), InvalidRecordId::Author(InvalidNodeId::Length(1)));
}

proptest! {
    #[test]
    fn node_ids_survive_text(bytes: [u8; 32], index: u64) {
        let author = NodeId::from_bytes(bytes);
        prop_assert_eq!(author.to_string().parse(), Ok(author));
        let id = RecordId { author, index };
        prop_assert_eq!(id.to_string().parse(), Ok(id));
    }

    #[test]
    fn one_wrong_character_is_noticed(bytes: [u8; 32], at in 0_usize..64, other in "[a-z0-9]") {
        let text = NodeId::from_bytes(bytes).to_string();
        let mut wrong = text.clone();
        wrong.replace_range(at..=at, &other);
        prop_assume!(wrong != text);
        prop_assert!(wrong.parse::<NodeId>().is_err());
    }
}
