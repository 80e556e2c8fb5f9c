//! Decimal numbers that have exactly one spelling: no sign, no leading zero, no spaces.
//!
//! Text that is signed or used as a name must not have two forms of the same number.

/// Parses an unsigned number in its only spelling.
pub(crate) fn parse(text: &str) -> Option<u64> {
    let canonical = text == "0" || !text.starts_with('0');
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    if canonical && digits { text.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn a_number_has_one_spelling() {
        assert_eq!(parse("0"), Some(0));
        assert_eq!(parse("18446744073709551615"), Some(u64::MAX));
        for wrong in ["", "00", "01", "+1", "-1", " 1", "1 ", "1_000", "18446744073709551616", "٣"] {
            assert_eq!(parse(wrong), None, "{wrong:?}");
        }
    }
}
