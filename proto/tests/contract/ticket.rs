//! Tickets: they survive being pasted, and damage is told apart from mistakes.

use cairn_proto::{
    ids::NodeId,
    limits::TICKET_CHARS,
    pb::exchange::{Purpose, Ticket as Message},
    ticket::{InvalidTicket, Ticket},
};
use proptest::prelude::*;

fn ticket() -> Ticket {
    Ticket {
        node_id: NodeId::from_bytes([7; 32]),
        endpoint: "cairn.dorset.example:7443".to_owned(),
        name: "Dorset, Children's Services".to_owned(),
        secret: [9; 16],
        expires_at: 1_800_000_000,
        purposes: vec![Purpose::PeerLearning.into(), Purpose::PatternFinding.into()],
        relay: true,
        review_on: "2027-11-23".to_owned(),
        daily_bytes: 1 << 30,
    }
}

#[test]
fn a_ticket_survives_being_pasted() {
    let text = ticket().to_string();
    assert!(text.starts_with("cairninvite1") && text.len() < 300, "{} characters", text.len());
    assert_eq!(text.parse(), Ok(ticket()));
    let broken: String = text.chars().flat_map(|one| [one, '\n', ' ', '\t']).collect();
    assert_eq!(broken.parse(), Ok(ticket()));
    assert_eq!(text.to_uppercase().parse(), Ok(ticket()));
    assert_eq!(ticket().check(), Ok(()));
}

#[test]
fn damage_is_told() {
    let text = ticket().to_string();
    let refused = |text: &str| text.parse::<Ticket>().unwrap_err();
    assert_eq!(refused(""), InvalidTicket::NotATicket);
    assert_eq!(refused("https://example.com/"), InvalidTicket::NotATicket);
    assert_eq!(refused(&ticket().node_id.to_string()), InvalidTicket::NotATicket);
    assert_eq!(refused(&text[..text.len() - 1]), InvalidTicket::Damaged);
    assert_eq!(refused(&text.replacen("invite1", "invite1b", 1)), InvalidTicket::Damaged);
    assert_eq!(refused(&text.replacen('c', "C", 1)), InvalidTicket::Damaged);
    let long = format!("{text}{}", "q".repeat(TICKET_CHARS));
    assert_eq!(refused(&long), InvalidTicket::TooLong(text.len() + TICKET_CHARS));
}

#[test]
fn faulty_contents_are_told() {
    let refused = |change: fn(&mut Ticket)| {
        let mut ticket = ticket();
        change(&mut ticket);
        let told = ticket.check().unwrap_err();
        assert_eq!(ticket.to_string().parse::<Ticket>(), Err(told));
        told
    };
    assert_eq!(refused(|ticket| ticket.endpoint.clear()), InvalidTicket::Content("endpoint"));
    assert_eq!(refused(|ticket| ticket.name.push('\u{7}')), InvalidTicket::Content("name"));
    assert_eq!(refused(|ticket| ticket.name = "x".repeat(301)), InvalidTicket::Content("name"));
    for number in [0, 7, -1, 100, 106] {
        let mut ticket = ticket();
        ticket.purposes = vec![number];
        assert_eq!(ticket.check(), Err(InvalidTicket::Content("list of purposes")), "{number}");
    }
    assert_eq!(refused(|ticket| ticket.purposes = vec![1; 65]), InvalidTicket::Content("list of purposes"));
    assert_eq!(refused(|ticket| ticket.review_on = "soon".to_owned()), InvalidTicket::Content("review date"));
    let long = refused(|ticket| {
        ticket.name = "x".repeat(300);
        ticket.endpoint = "y".repeat(300);
    });
    assert!(matches!(long, InvalidTicket::TooLong(_)));
    let short = Message { node_id: vec![0; 31], secret: vec![0; 16], ..Default::default() };
    assert_eq!(Ticket::try_from(short), Err(InvalidTicket::Content("node id")));
    let short = Message { node_id: vec![0; 32], secret: vec![0; 15], ..Default::default() };
    assert_eq!(Ticket::try_from(short), Err(InvalidTicket::Content("secret")));
}

proptest! {
    #[test]
    fn any_wrong_character_is_noticed(at: prop::sample::Index, other in "[a-z0-9]") {
        let text = ticket().to_string();
        let at = at.index(text.len());
        let mut wrong = text.clone();
        wrong.replace_range(at..=at, &other);
        prop_assume!(wrong != text);
        prop_assert!(wrong.parse::<Ticket>().is_err());
    }

    #[test]
    fn any_ticket_survives_text(
        bytes: [u8; 32], secret: [u8; 16], expires_at: i64, relay: bool, name in "[a-zé ]{0,40}", endpoint in "[a-z.]{1,60}:[0-9]{1,5}",
    ) {
        let made = Ticket { node_id: NodeId::from_bytes(bytes), secret, expires_at, relay, name, endpoint, ..ticket() };
        prop_assert_eq!(made.to_string().parse(), Ok(made));
    }
}
