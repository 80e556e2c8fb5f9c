//! A document as the node lays it out: headings, facts, text and lists, within each other.

use cairn_proto::pb::admin::{Block, Fact};

use crate::output::Page;

/// All blocks of a document.
pub(crate) fn all(blocks: &[Block], page: &mut Page) {
    for block in blocks {
        page.blank();
        one(block, 0, page);
    }
}

/// A block, and those within it further in.
fn one(block: &Block, indent: usize, page: &mut Page) {
    let Block { heading, facts, text, items, blocks } = block;
    let inner = if heading.is_empty() {
        indent
    } else {
        page.indented(indent, heading);
        indent + 2
    };
    page.fields(inner, &fields(facts));
    page.indented(inner, text);
    for item in items {
        page.bullet(inner, item);
    }
    for block in blocks {
        if is_item(block) {
            page.item(inner, &fields(&block.facts));
        } else {
            one(block, inner, page);
        }
    }
}

/// Whether a block is only facts, as the items of a list are.
fn is_item(block: &Block) -> bool {
    block.heading.is_empty() && block.text.is_empty() && block.items.is_empty() && block.blocks.is_empty()
}

fn fields(facts: &[Fact]) -> Vec<(&str, String)> {
    facts.iter().map(|Fact { label, text }| (label.as_str(), text.clone())).collect()
}

#[cfg(test)]
mod tests {
    use cairn_proto::pb::admin::{Block, Fact};

    use super::all;
    use crate::output::page::tests::rendered;

    fn fact(label: &str, text: &str) -> Fact {
        Fact { label: label.to_owned(), text: text.to_owned() }
    }

    #[test]
    fn blocks_stand_within_each_other() {
        let reading = |by: &str, reading: &str| Block {
            facts: vec![fact("By", by), fact("Reading", reading)],
            ..Block::default()
        };
        let blocks = [
            Block {
                facts: vec![fact("On", "2026-11"), fact("Took part", "nurses; families")],
                ..Block::default()
            },
            Block { heading: "Disagreement".to_owned(), text: "One.\n\nTwo.".to_owned(), ..Block::default() },
            Block {
                heading: "Readings".to_owned(),
                blocks: vec![
                    reading("nurses", "The call comes too late, and nobody is there to take it."),
                    reading("families", "\u{1b}[31mToo early."),
                ],
                ..Block::default()
            },
            Block {
                heading: "Missing".to_owned(),
                items: vec!["night service".to_owned()],
                ..Block::default()
            },
            Block {
                heading: "Outer".to_owned(),
                blocks: vec![Block {
                    heading: "Inner".to_owned(),
                    text: "Deep.".to_owned(),
                    ..Block::default()
                }],
                ..Block::default()
            },
        ];
        let expected = "\
On         2026-11
Took part  nurses; families

Disagreement
  One.
  Two.

Readings
  - By       nurses
    Reading  The call comes too late, and nobody is there to
             take it.
  - By       families
    Reading  [31mToo early.

Missing
  - night service

Outer
  Inner
    Deep.
";
        assert_eq!(rendered(|page| all(&blocks, page)), expected);
    }
}
