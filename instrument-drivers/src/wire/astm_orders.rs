//! ASTM messages from the laboratory to the instrument: orders, and the answer that nothing is known.
//!
//! P is kept even when empty: many devices require it. Source: ASTM E1394-97 clauses 9 and 10, PROTOCOLS 2.

use super::astm_records::{Delimiters, escape};

/// What is to be done with one specimen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    /// The container's label code.
    pub specimen: String,
    /// The instrument's own id of the specimen (rack, position) with its components; may be empty.
    pub position: String,
    /// Test ids with their components: `^^^SO2F`.
    pub tests: Vec<String>,
    /// Specimen type, may be empty.
    pub specimen_type: String,
    pub action: OrderAction,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OrderAction {
    New,
    Cancel,
}

/// Names of both sides and the time as `YYYYMMDDHHMMSS`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Envelope<'a> {
    pub sender: &'a str,
    pub receiver: &'a str,
    pub at: &'a str,
}

/// Orders without being asked, or as the answer to a query.
pub fn orders(envelope: &Envelope<'_>, orders: &[Order]) -> Vec<u8> {
    let delimiters = Delimiters::default();
    let mut message = header(envelope, &delimiters);
    for (index, order) in orders.iter().enumerate() {
        let tests: Vec<String> = order.tests.iter().map(|test| components(test, &delimiters)).collect();
        let action = match order.action {
            OrderAction::New => "N",
            OrderAction::Cancel => "C",
        };
        message.push_str(&format!("P|{}\r", index + 1));
        // Fields: 3 specimen, 4 instrument's id, 5 tests, 6 priority, 7 ordered at, 12 action, 16 specimen type, 26 report
        // type.
        message.push_str(&format!(
            "O|1|{}|{}|{}|R|{}|||||{action}||||{}||||||||||O\r",
            escape(&order.specimen, &delimiters),
            components(&order.position, &delimiters),
            tests.join("\\"),
            envelope.at,
            escape(&order.specimen_type, &delimiters),
        ));
    }
    message.push_str("L|1|F\r");
    message.into_bytes()
}

/// Nothing is known for the specimen that was asked for.
pub fn nothing_known(envelope: &Envelope<'_>) -> Vec<u8> {
    let mut message = header(envelope, &Delimiters::default());
    message.push_str("L|1|I\r");
    message.into_bytes()
}

/// A field whose component delimiters are meant.
fn components(text: &str, delimiters: &Delimiters) -> String {
    let parts: Vec<String> = text.split(delimiters.component).map(|part| escape(part, delimiters)).collect();
    parts.join(&delimiters.component.to_string())
}

fn header(envelope: &Envelope<'_>, delimiters: &Delimiters) -> String {
    let name = |text: &str| escape(text, delimiters);
    format!("H|\\^&|||{}|||||{}||P|LIS2-A2|{}\r", name(envelope.sender), name(envelope.receiver), envelope.at)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::astm_frame::frames_of;

    const ENVELOPE: Envelope<'static> = Envelope { sender: "LIS", receiver: "MULTI", at: "20260310092002" };

    /// The frames of the protocol reference, check sums included.
    #[test]
    fn an_order_looks_as_in_the_reference() {
        let order = Order {
            specimen: "F26-000124".into(),
            position: String::new(),
            tests: vec!["^^^SO2F".into(), "^^^SO2T".into()],
            specimen_type: "WINE".into(),
            action: OrderAction::New,
        };
        let message = orders(&ENVELOPE, &[order]);
        let frames: Vec<String> = frames_of(&message, 240)
            .iter()
            .map(|frame| String::from_utf8_lossy(&frame.encode()).into_owned())
            .collect();
        assert_eq!(
            frames,
            [
                "\u{2}1H|\\^&|||LIS|||||MULTI||P|LIS2-A2|20260310092002\r\u{3}ED\r\n",
                "\u{2}2P|1\r\u{3}3F\r\n",
                "\u{2}3O|1|F26-000124||^^^SO2F\\^^^SO2T|R|20260310092002|||||N||||WINE||||||||||O\r\u{3}90\r\n",
                "\u{2}4L|1|F\r\u{3}FF\r\n",
            ]
        );
    }

    #[test]
    fn delimiters_in_codes_are_protected_and_components_are_meant() {
        let order = Order {
            specimen: "A^1".into(),
            position: "7^50001^3".into(),
            tests: vec!["^^^SO2|F".into()],
            specimen_type: String::new(),
            action: OrderAction::New,
        };
        let message = String::from_utf8(orders(&ENVELOPE, &[order])).unwrap();
        assert!(message.contains("\rO|1|A&S&1|7^50001^3|^^^SO2&F&F|R|"), "{message}");
    }

    #[test]
    fn nothing_known_looks_as_in_the_reference() {
        let message = nothing_known(&ENVELOPE);
        let last = frames_of(&message, 240).pop().map(|frame| frame.encode());
        assert_eq!(last.as_deref(), Some(&b"\x022L|1|I\r\x0300\r\n"[..]));
    }
}
