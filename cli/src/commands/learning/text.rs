//! What a text says about itself on its short lines. The rest of it is for the node to read.

/// The version that a text says it was made from; zero if it does not say.
pub(super) fn based_on(text: &str) -> u64 {
    value_of(text, "based_on").and_then(|version| version.parse().ok()).unwrap_or_default()
}

/// What stands beside a short part of a text, without quotes and comments.
pub(super) fn value_of<'a>(text: &'a str, part: &str) -> Option<&'a str> {
    let rest = text.lines().find_map(|line| line.strip_prefix(part)?.trim_start().strip_prefix(':'))?;
    let value = rest.split_once(" #").map_or(rest, |(value, _)| value);
    Some(value.trim().trim_matches(['"', '\'']))
}

#[cfg(test)]
mod tests {
    use super::based_on;

    #[test]
    fn the_version_is_read_however_it_is_written() {
        for text in ["based_on: 2", "a: b\nbased_on: \"2\"\n", "based_on : '2' # the version"] {
            assert_eq!(based_on(text), 2, "{text}");
        }
        assert_eq!((based_on("title: x"), based_on("based_on: two")), (0, 0));
    }
}
