//! The one signature rule against published vectors. The rest of envelopes is tested through the public face,
//! in `tests/contract/envelope.rs`.

use ed25519_dalek::{Signer as _, SigningKey, VerifyingKey};

use super::{InvalidKey, public_key, signature_holds};

/// RFC 8032, 7.1, tests 1 to 3: secret key, public key, message, signature.
const RFC_8032: [[&str; 4]; 3] = [
    [
        "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
    ],
    [
        "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
    ],
    [
        "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
    ],
];

const LOW_ORDER: &str = "0000000000000000000000000000000000000000000000000000000000000000";
const NON_CANONICAL: &str = "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f";
const MIXED_ORDER: &str = "10eb7c3acfb2bed3e0d6ab89bf5a3d6afddd1176ce4812e38d9fd485058fdb1f";
const ZEROS: &str = LOW_ORDER;

/// C2SP/CCTV, `ed25519/ed25519vectors.json` at commit 0fb2c3b (numbers 0-40, a selection): key, first and
/// second half of the signature, message. Each is acceptable to some verifier in use; none is to us.
const CCTV: [[&str; 4]; 17] = [
    [LOW_ORDER, ZEROS, ZEROS, "ed25519vectors 3"],
    [LOW_ORDER, ZEROS, ZEROS, "ed25519vectors 11"],
    [LOW_ORDER, R_MIXED, S_MIXED, "ed25519vectors 7"],
    [LOW_ORDER, R_MIXED, S_MIXED, "ed25519vectors 3"],
    [
        MIXED_ORDER,
        ZEROS,
        "5e176f12cfb0d4e6eb6929b19ae4c998ef05c1c2cf628a9b1fa1c21312627108",
        "ed25519vectors 7",
    ],
    [
        MIXED_ORDER,
        ZEROS,
        "9472a69cd9a701a50d130ed52189e2455b23767db52cacb8716fb896ffeeac09",
        "ed25519vectors 3",
    ],
    [
        MIXED_ORDER,
        R_MIXED,
        "c02e2b9e63e385c058bf62b14b3a2b29ccefe8e38ddb536bc3f9865320a3d801",
        "ed25519vectors 10",
    ],
    [NON_CANONICAL, ZEROS, ZEROS, "ed25519vectors 8"],
    [NON_CANONICAL, ZEROS, ZEROS, "ed25519vectors 6"],
    [NON_CANONICAL, R_MIXED, S_MIXED, "ed25519vectors 4"],
    [NON_CANONICAL, R_MIXED, S_MIXED, "ed25519vectors"],
    [LOW_ORDER, NON_CANONICAL, ZEROS, "ed25519vectors 3"],
    [LOW_ORDER, NON_CANONICAL, ZEROS, "ed25519vectors 10"],
    [
        MIXED_ORDER,
        NON_CANONICAL,
        "1cb421dfbd92aa6c30d550bff53c81cf650ace6deb96a8ec22d2fef84dbbe20b",
        "ed25519vectors 6",
    ],
    [
        MIXED_ORDER,
        NON_CANONICAL,
        "ad7a355469b5c87e550469f6b2de409ee723acd584bf35f86b80c384e8ceb702",
        "ed25519vectors 3",
    ],
    [NON_CANONICAL, NON_CANONICAL, ZEROS, "ed25519vectors 2"],
    [
        LOW_ORDER,
        "b797b156efcd45a4e2454d2fd0b21438b3ccd80d4c7fd1d1b2c8e55bd4ed4a94",
        S_MIXED,
        "ed25519vectors",
    ],
];
const R_MIXED: &str = "36684ea91032ba5b1dbab2d02f4debc74c3327f2b3802e2e4d371aa42b12b56b";
const S_MIXED: &str = "05ba9a796274d80437afa36f1236563f2f3b0aa84cecddc3d20914615ba4fe02";

fn unhex(text: &str) -> Vec<u8> {
    text.as_bytes()
        .chunks(2)
        .map(|pair| u8::from_str_radix(str::from_utf8(pair).unwrap(), 16).unwrap())
        .collect()
}

#[test]
fn rfc_8032_signatures_are_made_and_accepted() {
    for [secret, public, message, signature] in RFC_8032 {
        let secret = SigningKey::from_bytes(&unhex(secret).try_into().unwrap());
        let key = public_key(&unhex(public)).unwrap();
        assert_eq!(secret.verifying_key(), key);
        let (message, signature) = (unhex(message), unhex(signature));
        assert_eq!(secret.sign(&message).to_vec(), signature);
        assert!(signature_holds(&key, &message, &signature));
        let mut wrong = signature.clone();
        wrong[40] ^= 1;
        assert!(!signature_holds(&key, &message, &wrong));
        assert!(!signature_holds(&key, &message, &signature[..63]));
    }
}

/// L added to s: the same equation holds, RFC 8032, 5.1.7 refuses.
#[test]
fn a_signature_has_one_form() {
    let [_, public, message, signature] = RFC_8032[2];
    let order = unhex("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010");
    let mut signature = unhex(signature);
    let mut carry = 0;
    for (place, add) in signature[32..].iter_mut().zip(order) {
        carry += u16::from(*place) + u16::from(add);
        *place = carry.to_le_bytes()[0];
        carry >>= 8;
    }
    assert!(!signature_holds(&public_key(&unhex(public)).unwrap(), &unhex(message), &signature));
}

#[test]
fn edge_cases_that_verifiers_disagree_on_are_all_refused() {
    for [key, r, s, message] in CCTV {
        let bytes = unhex(key);
        let signature = [unhex(r), unhex(s)].concat();
        if key != MIXED_ORDER {
            assert_eq!(public_key(&bytes), Err(InvalidKey::Weak), "{key}");
        }
        let key = VerifyingKey::from_bytes(&bytes.try_into().unwrap()).unwrap();
        assert!(!signature_holds(&key, message.as_bytes(), &signature), "{message} {r} {s}");
    }
}

/// All encodings of points of small order, from the README of the same vectors.
#[test]
fn weak_keys_are_no_keys() {
    let ones = "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff";
    let order_8 = [
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
    ];
    let zeros = &ZEROS[4..];
    let ends = [("00", zeros, "00"), ("00", zeros, "80"), ("01", zeros, "00"), ("01", zeros, "80")];
    let tops = ["ec", "ed", "ee"].into_iter().flat_map(|low| [(low, ones, "7f"), (low, ones, "ff")]);
    let spelled = ends.into_iter().chain(tops).map(|(low, middle, high)| format!("{low}{middle}{high}"));
    for text in spelled.chain(order_8.map(str::to_owned)) {
        assert!(public_key(&unhex(&text)).is_err(), "{text}");
    }
}

#[test]
fn public_keys_have_one_length_and_lie_on_the_curve() {
    assert_eq!(public_key(&[7; 31]), Err(InvalidKey::Length(31)));
    assert_eq!(public_key(&unhex(&format!("02{}", &ZEROS[2..]))), Err(InvalidKey::NotAPoint));
    // y = p + 3 is a second encoding of y = 3, a point of large order.
    let three = format!("03{}", &ZEROS[2..]);
    let again = "f0ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f";
    assert!(public_key(&unhex(&three)).is_ok());
    assert_eq!(public_key(&unhex(again)), Err(InvalidKey::NotCanonical));
}
