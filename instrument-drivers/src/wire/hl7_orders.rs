//! HL7 messages from the laboratory to the instrument: answers to its questions, and orders that it did not ask for.
//!
//! Three forms are in use. Sources: HL7 v2.3.1 chapters 2 and 5 with the host interface manuals of Mindray's chemistry analysers
//! (`QRY^Q02`: `QCK^Q02`, then `DSR^Q03` with the tests from its 29th line on); IHE Laboratory Analytical Workflow, transactions
//! LAB-27 and LAB-28 (`QBP^Q11`: `RSP^K11`, then `OML^O33`; nothing known: `ORC-1` is DC); HL7 v2.5 chapter 5 (`QBP`: the
//! orders stand in the `RSP` itself).

use sha2::{Digest, Sha256};

use super::astm_orders::{Order, OrderAction};
use super::hl7::{Segment, escape};

/// In which messages an instrument takes an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Form {
    /// `QCK^Q02`, and `DSR^Q03` where there is something to do.
    Dsr,
    /// One response with the orders in it; its MSH-9.
    Rsp(String),
    /// `RSP^K11`, then `OML^O33`.
    Oml,
}

/// A question as it came: what its answer repeats.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    pub head: Segment,
    /// QRD and QRF, or QPD.
    pub parameters: Vec<Segment>,
    pub form: Form,
}

/// How the laboratory calls itself in MSH-3.
const HOST: &str = "LIS";
/// Lines of a DSR before its tests, and those that are not empty.
const DSP_LINES: usize = 28;
const DSP_CODE: usize = 21;
const DSP_POSITION: usize = 22;
const DSP_URGENT: usize = 24;
const DSP_SPECIMEN_TYPE: usize = 26;

impl Question {
    /// The answer, message by message. `samples`: those that were asked for; no orders: nothing is known of them. `at`:
    /// `YYYYMMDDHHMMSS`.
    pub fn answer(&self, samples: &[&str], orders: &[Order], at: &str) -> Vec<Vec<u8>> {
        match &self.form {
            Form::Dsr => self.displayed(orders, at),
            Form::Rsp(kind) => vec![self.response(kind, orders, at)],
            Form::Oml => self.broadcast(samples, orders, at),
        }
    }

    fn displayed(&self, orders: &[Order], at: &str) -> Vec<Vec<u8>> {
        let control = self.head.field(10);
        let found = if orders.is_empty() { "NF" } else { "OK" };
        let accepted = format!("MSA|AA|{control}|Message accepted|||0|\rERR|0|\rQAK|SR|{found}|\r");
        let mut messages = vec![self.message("QCK^Q02", control.to_owned(), at, &accepted)];
        for (index, order) in orders.iter().enumerate() {
            let mut lines = vec![String::new(); DSP_LINES];
            lines[DSP_CODE - 1] = escape(&order.specimen);
            lines[DSP_POSITION - 1] = escape(&order.position);
            lines[DSP_URGENT - 1] = "N".into();
            lines[DSP_SPECIMEN_TYPE - 1] = escape(&order.specimen_type);
            lines.extend(order.tests.iter().map(|test| components(test)));
            let mut segments = format!("{accepted}{}", self.repeated());
            for (line, number) in lines.iter().zip(1..) {
                segments.push_str(&format!("DSP|{number}||{line}|||\r"));
            }
            // Empty in the last one.
            let more = if index + 1 < orders.len() { (index + 1).to_string() } else { String::new() };
            segments.push_str(&format!("DSC|{more}|\r"));
            messages.push(self.message("DSR^Q03", control.to_owned(), at, &segments));
        }
        messages
    }

    fn response(&self, kind: &str, orders: &[Order], at: &str) -> Vec<u8> {
        let mut segments = self.acknowledged(if orders.is_empty() { "NF" } else { "OK" });
        if !orders.is_empty() {
            segments.push_str("PID|1\r");
        }
        for order in orders {
            for (test, number) in order.tests.iter().zip(1..) {
                segments.push_str(&format!(
                    "ORC|NW||||||||{at}\rOBR|{number}|{}||{}\rTQ1|1||||||||R\r",
                    number_of(&order.specimen, test),
                    components(test)
                ));
            }
            segments.push_str(&specimen(order, "P"));
        }
        self.message(kind, id_of(&[at, self.head.field(10), kind]), at, &segments)
    }

    fn broadcast(&self, samples: &[&str], orders: &[Order], at: &str) -> Vec<Vec<u8>> {
        let id = |kind: &str| id_of(&[at, self.head.field(10), kind]);
        let response = self.message("RSP^K11^RSP_K11", id("RSP"), at, &self.acknowledged("OK"));
        let segments: String = if orders.is_empty() {
            let unknown = |label: &&str| {
                format!("SPM|1|||\"\"|||||||U^Unknown^HL70369\rSAC|||{}\rORC|DC||||||||{at}\r", escape(label))
            };
            samples.iter().map(unknown).collect()
        } else {
            ordered(orders, at)
        };
        let head = Head { waits: "NE|AL", profile: "LAB-28^IHE", ..self.head("OML^O33^OML_O33", id("OML"), at) };
        // A question for everything, and there is nothing: the response has said so.
        if segments.is_empty() { vec![response] } else { vec![response, head.message(&segments)] }
    }

    fn acknowledged(&self, found: &str) -> String {
        let parameter = |number: usize| self.parameters.first().map_or("", |segment| segment.field(number));
        let (name, tag) = (parameter(1), parameter(2));
        format!("MSA|AA|{}\rQAK|{tag}|{found}|{name}\r{}", self.head.field(10), self.repeated())
    }

    fn repeated(&self) -> String {
        self.parameters.iter().map(|segment| format!("{}\r", segment.fields.join("|"))).collect()
    }

    fn message(&self, kind: &str, id: String, at: &str, segments: &str) -> Vec<u8> {
        self.head(kind, id, at).message(segments)
    }

    /// To whoever asked, in the version and the character set of the question.
    fn head<'a>(&'a self, kind: &'a str, id: String, at: &'a str) -> Head<'a> {
        let or = |text: &'a str, usual: &'a str| if text.is_empty() { usual } else { text };
        let version = if self.form == Form::Dsr { "2.3.1" } else { "2.5.1" };
        Head {
            to: [self.head.field(3), self.head.field(4)],
            at,
            kind,
            id,
            mode: or(self.head.field(11), "P"),
            version: or(self.head.field(12), version),
            waits: "|",
            charset: self.head.field(18),
            profile: "",
        }
    }
}

/// Orders that nobody asked for: `OML^O33`.
pub fn orders(orders: &[Order], at: &str) -> Vec<u8> {
    let segments = ordered(orders, at);
    let head = Head {
        to: ["", ""],
        at,
        kind: "OML^O33^OML_O33",
        id: id_of(&[at, &segments]),
        mode: "P",
        version: "2.5.1",
        waits: "NE|AL",
        charset: "",
        profile: "LAB-28^IHE",
    };
    head.message(&segments)
}

/// Containers with their tests, as `OML^O33` has them.
fn ordered(orders: &[Order], at: &str) -> String {
    let mut segments = String::new();
    for order in orders {
        segments.push_str(&specimen(order, "P^Patient specimen^HL70369"));
        segments.push_str(&format!("SAC|||{}\r", escape(&order.specimen)));
        let action = match order.action {
            OrderAction::New => "NW",
            OrderAction::Cancel => "CA",
        };
        for test in &order.tests {
            segments.push_str(&format!(
                "ORC|{action}||||||||{at}\rTQ1|||||||||R^^HL70485\rOBR||{}||{}\r",
                number_of(&order.specimen, test),
                components(test)
            ));
        }
    }
    segments
}

fn specimen(order: &Order, role: &str) -> String {
    format!("SPM|1|{}||{}|||||||{role}\r", escape(&order.specimen), components(&order.specimen_type))
}

/// The order's own number: the same when it is taken back.
fn number_of(specimen: &str, test: &str) -> String {
    let code = test.split('^').find(|part| !part.is_empty()).unwrap_or_default();
    format!("{}-{}", escape(specimen), escape(code))
}

/// A field whose component delimiters are meant.
fn components(text: &str) -> String {
    text.split('^').map(escape).collect::<Vec<_>>().join("^")
}

/// A control id of at most 20 characters, as older versions allow.
fn id_of(of: &[&str]) -> String {
    hex::encode(&Sha256::digest(of.join("\n").as_bytes())[..10])
}

struct Head<'a> {
    /// MSH-5 and MSH-6.
    to: [&'a str; 2],
    at: &'a str,
    kind: &'a str,
    id: String,
    mode: &'a str,
    version: &'a str,
    /// MSH-15 and MSH-16 with the delimiter between them.
    waits: &'a str,
    charset: &'a str,
    profile: &'a str,
}

impl Head<'_> {
    fn message(&self, segments: &str) -> Vec<u8> {
        let charset = if segments.is_ascii() { self.charset } else { "UNICODE UTF-8" };
        let Head { to: [program, place], at, kind, id, mode, version, waits, profile, .. } = self;
        format!(
            "MSH|^~\\&|{HOST}||{program}|{place}|{at}||{kind}|{id}|{mode}|{version}|||{waits}||{charset}|||{profile}\r\
             {segments}"
        )
        .into_bytes()
    }
}

#[cfg(test)]
mod tests {
    use super::super::hl7;
    use super::*;

    const AT: &str = "20260310092001";

    fn question(text: &str, form: Form) -> Question {
        let (_, mut segments) = hl7::messages(text).remove(0);
        let parameters = segments.split_off(1);
        Question { head: segments.remove(0), parameters, form }
    }

    fn order(tests: &[&str]) -> Order {
        Order {
            specimen: "300000006".into(),
            position: String::new(),
            tests: tests.iter().map(|test| (*test).to_owned()).collect(),
            specimen_type: "serum".into(),
            action: OrderAction::New,
        }
    }

    fn lines(message: &[u8]) -> Vec<String> {
        let text = String::from_utf8(message.to_vec()).unwrap();
        assert!(text.ends_with('\r'), "{text}");
        text.trim_end_matches('\r').split('\r').map(str::to_owned).collect()
    }

    const QRY: &str = "MSH|^~\\&|BS|Mindray|||20260310092000||QRY^Q02|7|P|2.3.1||||||ASCII|||\r\
                       QRD|20260310092000|R|D|1|||RD|300000006|OTH|||T|\rQRF|BS|||||RCT|COR|ALL||\r";

    /// As the host interface manual of the BS series shows it, blank lines included.
    #[test]
    fn a_dsr_names_the_code_in_its_21st_line_and_the_tests_from_its_29th() {
        let asked = question(QRY, Form::Dsr);
        let answer = asked.answer(&["300000006"], &[order(&["1^^^", "3^^^"])], AT);
        let qck = [
            "MSH|^~\\&|LIS||BS|Mindray|20260310092001||QCK^Q02|7|P|2.3.1||||||ASCII|||",
            "MSA|AA|7|Message accepted|||0|",
            "ERR|0|",
            "QAK|SR|OK|",
        ];
        assert_eq!(lines(&answer[0]), qck);
        let dsr = lines(&answer[1]);
        assert_eq!(dsr[0], "MSH|^~\\&|LIS||BS|Mindray|20260310092001||DSR^Q03|7|P|2.3.1||||||ASCII|||");
        assert_eq!(dsr[1..4], qck[1..]);
        assert_eq!(dsr[4], "QRD|20260310092000|R|D|1|||RD|300000006|OTH|||T|");
        assert_eq!(dsr[5], "QRF|BS|||||RCT|COR|ALL||");
        assert_eq!(dsr[6], "DSP|1|||||");
        assert_eq!(dsr[26], "DSP|21||300000006|||");
        assert_eq!((dsr[29].as_str(), dsr[31].as_str()), ("DSP|24||N|||", "DSP|26||serum|||"));
        assert_eq!(dsr[34..], ["DSP|29||1^^^|||", "DSP|30||3^^^|||", "DSC||"]);
        assert_eq!(answer.len(), 2);

        let nothing = asked.answer(&["300000006"], &[], AT);
        assert_eq!(nothing.len(), 1);
        assert_eq!(lines(&nothing[0])[3], "QAK|SR|NF|");
    }

    const QBP: &str = "MSH|^~\\&|Lyser|Lab|||20260310092000||QBP^Q11^QBP_Q11|42|P|2.5.1|||NE|AL||UNICODE UTF-8|||LAB-27^IHE\r\
                       QPD|WOS^Work Order Step^IHELAW|T9|300000006\r";

    #[test]
    fn a_work_order_step_is_acknowledged_and_then_broadcast() {
        let asked = question(QBP, Form::Oml);
        let answer = asked.answer(&["300000006"], &[order(&["SO2F"])], AT);
        let response = lines(&answer[0]);
        assert!(response[0].contains("||RSP^K11^RSP_K11|"), "{response:?}");
        assert_eq!(
            response[1..],
            ["MSA|AA|42", "QAK|T9|OK|WOS^Work Order Step^IHELAW", "QPD|WOS^Work Order Step^IHELAW|T9|300000006"]
        );
        let orders = lines(&answer[1]);
        assert!(orders[0].ends_with("|P|2.5.1|||NE|AL||UNICODE UTF-8|||LAB-28^IHE"), "{orders:?}");
        assert_eq!(
            orders[1..],
            [
                "SPM|1|300000006||serum|||||||P^Patient specimen^HL70369",
                "SAC|||300000006",
                "ORC|NW||||||||20260310092001",
                "TQ1|||||||||R^^HL70485",
                "OBR||300000006-SO2F||SO2F",
            ]
        );
        let nothing = asked.answer(&["300000006"], &[], AT);
        assert_eq!(
            lines(&nothing[1])[1..],
            ["SPM|1|||\"\"|||||||U^Unknown^HL70369", "SAC|||300000006", "ORC|DC||||||||20260310092001"]
        );
        // Each message has its own control id; the answer to another question in the same second as well.
        let id = |message: &[u8]| hl7::control_id(message).unwrap();
        let other = question(&QBP.replace("|42|", "|43|"), Form::Oml).answer(&["300000006"], &[], AT);
        assert_ne!(id(&answer[0]), id(&answer[1]));
        assert_ne!(id(&answer[1]), id(&other[1]));
        assert_eq!(id(&answer[1]).len(), 20);
    }

    #[test]
    fn a_response_can_hold_the_orders_itself() {
        let text =
            "MSH|^~\\&|ICU^GeneXpert^1.0||LIS||20260310||QBP^Z03^QBP_Z03|66|P|2.5\rQPD|Z03^HOST QUERY|66||300000006\r";
        let asked = question(text, Form::Rsp("RSP^Z02^RSP_Z02".into()));
        let answer = asked.answer(&["300000006"], &[order(&["FLU|A"])], AT);
        let response = lines(&answer[0]);
        assert_eq!(answer.len(), 1);
        assert!(response[0].starts_with("MSH|^~\\&|LIS||ICU^GeneXpert^1.0||20260310092001||RSP^Z02^RSP_Z02|"));
        assert_eq!(
            response[1..],
            [
                "MSA|AA|66",
                "QAK|66|OK|Z03^HOST QUERY",
                "QPD|Z03^HOST QUERY|66||300000006",
                "PID|1",
                "ORC|NW||||||||20260310092001",
                "OBR|1|300000006-FLU\\F\\A||FLU\\F\\A",
                "TQ1|1||||||||R",
                "SPM|1|300000006||serum|||||||P",
            ]
        );
        let nothing = lines(&asked.answer(&["300000006"], &[], AT)[0]);
        assert_eq!(nothing[2..], ["QAK|66|NF|Z03^HOST QUERY", "QPD|Z03^HOST QUERY|66||300000006"]);
    }

    #[test]
    fn an_order_is_taken_back_under_its_number() {
        let taken = Order { action: OrderAction::Cancel, ..order(&["铅"]) };
        let message = lines(&orders(&[taken], AT));
        assert!(message[0].contains("|NE|AL||UNICODE UTF-8|||"), "{message:?}");
        assert_eq!(message[3], "ORC|CA||||||||20260310092001");
        assert_eq!(message[5], "OBR||300000006-铅||铅");
    }
}
