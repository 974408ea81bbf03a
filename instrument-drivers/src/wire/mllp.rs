//! HL7 v2 over MLLP: `<VT>` message `<FS><CR>`, acknowledged after it is stored.
//!
//! The acknowledgement echoes the control id: AA stored, AE content that cannot be read as HL7, AR not stored now (the
//! device repeats). Source: HL7 v2.5 chapter 2, MLLP transport note, PROTOCOLS 7.
//!
//! Where the profile answers questions, a question (QRY, QBP) is not acknowledged: its answer is, which the port sends as soon
//! as it knows it. What is sent with orders in it waits for the instrument's own acknowledgement.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use sha2::{Digest, Sha256};

use super::hl7::{Receipt, Wanted};
use super::{Action, Link, hl7, written};

pub const VT: u8 = 0x0b;
pub const FS: u8 = 0x1c;
/// A message with embedded images stays below 16 MiB.
const MAX_MESSAGE_BYTES: usize = 16 << 20;
/// An unfinished message is given up after so long without a byte.
const RECEIVE_TIMEOUT: Duration = Duration::from_secs(30);
/// So long an instrument may take to acknowledge orders, as the laboratory for its results.
const RECEIPT_TIMEOUT: Duration = Duration::from_secs(30);

/// The laboratory's side of an MLLP connection.
#[derive(Default)]
pub struct MllpLink {
    /// What the clock showed when the connection began.
    began: Option<(Instant, DateTime<Utc>)>,
    open: Option<Vec<u8>>,
    /// The message that is with the store.
    storing: Option<Vec<u8>>,
    waiting: VecDeque<u8>,
    deadline: Option<Instant>,
    acknowledged: u64,
    /// SHA-256 of the last stored message: the device repeats it when the acknowledgement was lost.
    last_stored: Option<[u8; 32]>,
    /// Questions are answered, by whoever [sends](Link::send).
    answers: bool,
    /// What the instrument has not acknowledged yet.
    sent: Option<Sent>,
}

/// A message with orders that is with the instrument.
struct Sent {
    /// Its MSH-10.
    id: String,
    until: Instant,
}

impl MllpLink {
    /// Acknowledges without a time.
    pub fn new() -> Self {
        Self::default()
    }

    pub fn begun(now: Instant, at: DateTime<Utc>) -> Self {
        MllpLink { began: Some((now, at)), ..Self::default() }
    }

    /// Questions are not acknowledged: they are answered.
    pub fn answering(self) -> Self {
        MllpLink { answers: true, ..self }
    }

    fn drain(&mut self, now: Instant, actions: &mut Vec<Action>) {
        while self.storing.is_none() {
            let Some(byte) = self.waiting.pop_front() else {
                break;
            };
            match (&mut self.open, byte) {
                (_, VT) => {
                    if let Some(bytes) = self.open.replace(Vec::new()) {
                        actions.push(Action::Discard { bytes, why: "a new message began inside a message".into() });
                    }
                }
                (Some(_), FS) => {
                    let message = self.open.take().unwrap_or_default();
                    if let Some(receipt) = hl7::receipt(&message) {
                        actions.push(self.settle(&receipt));
                        continue;
                    }
                    let asks = self.asks(&message);
                    if asks && self.sent.take().is_some() {
                        // It waits for the answer to this one.
                        let why = "the instrument asks again and has not acknowledged it".into();
                        actions.push(Action::NotDelivered { why });
                    }
                    match hl7::control_id(&message) {
                        Some(_) if !asks && self.last_stored == Some(digest(&message)) => {
                            actions.push(Action::Note("repeated message: acknowledged, not stored again".into()));
                            actions.extend(self.acknowledge(now, &message, "AA", ""));
                        }
                        Some(_) => {
                            self.storing = Some(message.clone());
                            actions.push(Action::Keep { piece: message.clone(), message: Some(message) });
                        }
                        None => {
                            actions.extend(self.acknowledge(now, &message, "AE", "no MSH segment with a control id"));
                            actions.push(Action::Discard { bytes: message, why: "no readable MSH segment".into() });
                        }
                    }
                }
                (Some(open), byte) if open.len() < MAX_MESSAGE_BYTES => open.push(byte),
                (Some(_), _) => {
                    let bytes = self.open.take().unwrap_or_default();
                    actions.push(Action::Discard { bytes, why: "the message is longer than 16 MiB".into() });
                }
                (None, _) => {}
            }
        }
        self.deadline = self.open.as_ref().map(|_| now + RECEIVE_TIMEOUT);
    }

    fn asks(&self, message: &[u8]) -> bool {
        self.answers && hl7::is_question(&hl7::kind(message))
    }

    /// What a receipt means for the message that is with the instrument.
    fn settle(&mut self, receipt: &Receipt) -> Action {
        match self.sent.take_if(|sent| sent.id == receipt.of) {
            None => Action::Note(format!("acknowledgement of '{}', for which nothing waits", receipt.of)),
            Some(_) if matches!(receipt.code.as_str(), "AA" | "CA") => Action::Delivered,
            Some(_) => {
                let text = if receipt.text.is_empty() { String::new() } else { format!(": {}", receipt.text) };
                Action::NotDelivered { why: format!("the instrument refuses it with {}{text}", receipt.code) }
            }
        }
    }

    /// The answer that the message asks for (MSH-15, MSH-16); nothing where it asks for none.
    fn acknowledge(&mut self, now: Instant, message: &[u8], code: &str, text: &str) -> Option<Action> {
        let code = match (hl7::wanted(message, code == "AA"), code) {
            (Wanted::Application, code) => code,
            (Wanted::Accept, "AA") => "CA",
            (Wanted::Accept, "AR") => "CR",
            (Wanted::Accept, _) => "CE",
            (Wanted::Nothing, _) => return None,
        };
        self.acknowledged += 1;
        let at = self.began.map(|(began, at)| written(at + now.saturating_duration_since(began)));
        let answer = hl7::acknowledgement(message, code, text, self.acknowledged, &at.unwrap_or_default());
        Some(Action::Send([&[VT][..], answer.as_bytes(), &[FS, b'\r']].concat()))
    }
}

fn digest(message: &[u8]) -> [u8; 32] {
    Sha256::digest(message).into()
}

impl Link for MllpLink {
    fn received(&mut self, now: Instant, bytes: &[u8]) -> Vec<Action> {
        let mut actions = Vec::new();
        self.waiting.extend(bytes);
        self.drain(now, &mut actions);
        actions
    }

    fn kept(&mut self, now: Instant, ok: bool) -> Vec<Action> {
        let mut actions = Vec::new();
        if let Some(message) = self.storing.take() {
            let (code, text) = if ok { ("AA", "") } else { ("AR", "cannot be stored now, send it again") };
            if ok {
                self.last_stored = Some(digest(&message));
            }
            if ok && self.asks(&message) {
                self.drain(now, &mut actions);
                return actions;
            }
            actions.extend(self.acknowledge(now, &message, code, text));
        }
        self.drain(now, &mut actions);
        actions
    }

    fn deadline(&self) -> Option<Instant> {
        let receipt = self.sent.as_ref().map(|sent| sent.until);
        self.deadline.into_iter().chain(receipt).min()
    }

    fn tick(&mut self, now: Instant) -> Vec<Action> {
        let mut actions = Vec::new();
        if self.deadline.is_some_and(|deadline| now >= deadline) {
            let bytes = self.open.take().unwrap_or_default();
            actions.push(Action::Discard { bytes, why: "nothing arrived for 30 s inside a message".into() });
            self.deadline = None;
        }
        if self.sent.take_if(|sent| now >= sent.until).is_some() {
            actions.push(Action::NotDelivered { why: "the instrument has not acknowledged it within 30 s".into() });
        }
        self.drain(now, &mut actions);
        actions
    }

    /// `message`: segments, each ended by CR, without VT and FS. One with orders counts as delivered when the instrument
    /// acknowledges it, any other when it is written.
    fn send(&mut self, now: Instant, message: &[u8]) -> Result<Vec<Action>, String> {
        if message.contains(&VT) || message.contains(&FS) {
            return Err("VT and FS must not occur inside an HL7 message".into());
        }
        let mut actions = vec![Action::Send([&[VT][..], message, &[FS, b'\r']].concat())];
        let orders = matches!(hl7::kind(message).as_str(), "DSR" | "OML" | "ORM");
        match hl7::control_id(message).filter(|_| orders) {
            Some(id) => self.sent = Some(Sent { id, until: now + RECEIPT_TIMEOUT }),
            None => actions.push(Action::Delivered),
        }
        Ok(actions)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MESSAGE: &str = "MSH|^~\\&|ELISA1|LAB|LIS|LAB|20260310100000||ORU^R01^ORU_R01|MSG0001|P|2.5\rPID|1\r";

    #[test]
    fn acknowledged_after_it_is_stored_and_not_before() {
        let now = Instant::now();
        let mut link = MllpLink::new();
        let stream = [&[VT][..], MESSAGE.as_bytes(), &[FS, b'\r']].concat();
        let mut actions = Vec::new();
        for byte in &stream {
            actions.extend(link.received(now, &[*byte]));
        }
        assert_eq!(actions.len(), 1);
        assert!(matches!(&actions[0], Action::Keep { message: Some(m), .. } if m == MESSAGE.as_bytes()));
        let [Action::Send(answer)] = &link.kept(now, true)[..] else { panic!() };
        let answer = String::from_utf8_lossy(answer);
        assert!(answer.contains("MSA|AA|MSG0001"), "{answer}");
        assert!(answer.contains("ACK^R01"), "{answer}");
    }

    #[test]
    fn an_acknowledgement_says_when_it_was_made() {
        let now = Instant::now();
        // 09:00:00 in the laboratory; a minute later a message is stored.
        let began = DateTime::from_timestamp(1_773_104_400, 0).unwrap();
        let mut link = MllpLink::begun(now, began);
        let later = now + Duration::from_secs(60);
        link.received(later, &[&[VT][..], MESSAGE.as_bytes(), &[FS, b'\r']].concat());
        let [Action::Send(answer)] = &link.kept(later, true)[..] else { panic!() };
        let answer = String::from_utf8_lossy(answer);
        assert!(answer.contains("|LIS|LAB|ELISA1|LAB|20260310090100||ACK^R01^ACK|"), "{answer}");
    }

    #[test]
    fn a_repeated_message_is_stored_once_and_a_corrected_one_again() {
        let now = Instant::now();
        let mut link = MllpLink::new();
        let stream = [&[VT][..], MESSAGE.as_bytes(), &[FS, b'\r']].concat();
        link.received(now, &stream);
        link.kept(now, true);
        let again = link.received(now, &stream);
        assert!(
            matches!(&again[..], [Action::Note(_), Action::Send(a)]
            if String::from_utf8_lossy(a).contains("MSA|AA|MSG0001")),
            "{again:?}"
        );
        let other = link.received(now, &[&[VT][..], MESSAGE.as_bytes(), b"PV1|1\r", &[FS, b'\r']].concat());
        assert!(matches!(&other[..], [Action::Keep { .. }]), "{other:?}");
    }

    #[test]
    fn a_message_that_is_cut_is_evidence() {
        let now = Instant::now();
        let mut link = MllpLink::new();
        assert_eq!(link.received(now, &[&[VT][..], MESSAGE.as_bytes()].concat()), []);
        let actions = link.closed(now);
        assert!(matches!(&actions[..], [Action::Discard { bytes, .. }] if bytes == MESSAGE.as_bytes()), "{actions:?}");
    }

    const QUESTION: &str =
        "MSH|^~\\&|BS|M|||20260310092000||QRY^Q02|7|P|2.3.1\rQRD|20260310092000|R|D|1|||RD|100|OTH|||T|\r";

    fn framed(message: &str) -> Vec<u8> {
        [&[VT][..], message.as_bytes(), &[FS, b'\r']].concat()
    }

    #[test]
    fn a_question_is_answered_and_not_acknowledged() {
        let now = Instant::now();
        let mut link = MllpLink::new().answering();
        assert!(matches!(&link.received(now, &framed(QUESTION))[..], [Action::Keep { message: Some(_), .. }]));
        assert_eq!(link.kept(now, true), []);
        let answer = "MSH|^~\\&|LIS||BS|M|20260310092001||QCK^Q02|7|P|2.3.1\rMSA|AA|7\r";
        let sent = link.send(now, answer.as_bytes()).unwrap();
        assert_eq!(sent, [Action::Send(framed(answer)), Action::Delivered]);
        // Asked again in the same words it is answered again; what cannot be stored is refused.
        assert!(matches!(&link.received(now, &framed(QUESTION))[..], [Action::Keep { .. }]));
        let [Action::Send(refused)] = &link.kept(now, false)[..] else { panic!() };
        assert!(String::from_utf8_lossy(refused).contains("MSA|AR|7"));
        // Without a profile that answers it is acknowledged like any message.
        let mut plain = MllpLink::new();
        plain.received(now, &framed(QUESTION));
        assert!(matches!(&plain.kept(now, true)[..], [Action::Send(_)]));
    }

    #[test]
    fn orders_are_delivered_when_the_instrument_says_so() {
        let now = Instant::now();
        let orders = "MSH|^~\\&|LIS||BS|M|20260310092001||OML^O33^OML_O33|LIS1|P|2.5.1\rSAC|||100\r";
        let receipt = |code: &str| format!("MSH|^~\\&|BS|M|LIS||20260310092002||ORL^O34|8|P|2.5.1\rMSA|{code}\r");
        let sent = || {
            let mut link = MllpLink::new().answering();
            assert_eq!(link.send(now, orders.as_bytes()), Ok(vec![Action::Send(framed(orders))]));
            link
        };
        assert_eq!(sent().received(now, &framed(&receipt("AA|LIS1"))), [Action::Delivered]);
        let refused = |why: &str| [Action::NotDelivered { why: why.to_owned() }];
        assert_eq!(
            sent().received(now, &framed(&receipt("AR|LIS1|unknown test"))),
            refused("the instrument refuses it with AR: unknown test")
        );
        // The receipt of something else settles nothing; then time does.
        let mut link = sent();
        assert!(matches!(&link.received(now, &framed(&receipt("AA|LIS0")))[..], [Action::Note(_)]));
        assert_eq!(link.deadline(), Some(now + RECEIPT_TIMEOUT));
        assert_eq!(link.tick(now + RECEIPT_TIMEOUT), refused("the instrument has not acknowledged it within 30 s"));
        // It went on and asks: that it has the orders is not known.
        let actions = sent().received(now, &framed(QUESTION));
        assert!(matches!(&actions[..], [Action::NotDelivered { .. }, Action::Keep { .. }]), "{actions:?}");
    }

    #[test]
    fn acknowledged_as_the_instrument_asks() {
        let now = Instant::now();
        let code = |accept: &str, application: &str, ok: bool| {
            let message =
                format!("MSH|^~\\&|E|LAB|LIS|LAB|20260310100000||ORU^R01|7|P|2.5|||{accept}|{application}\rPID|1\r");
            let mut link = MllpLink::new();
            assert_eq!(link.received(now, &framed(&message)).len(), 1, "it is with the store");
            match &link.kept(now, ok)[..] {
                [] => String::new(),
                [Action::Send(answer)] => {
                    let answer = String::from_utf8_lossy(answer);
                    answer.split("MSA|").nth(1).unwrap_or_default().chars().take(2).collect()
                }
                other => panic!("{other:?}"),
            }
        };
        for (accept, application, stored, refused) in [
            ("", "", "AA", "AR"),
            ("NE", "AL", "AA", "AR"),
            ("AL", "AL", "AA", "AR"),
            ("AL", "NE", "CA", "CR"),
            ("NE", "ER", "", "AR"),
            ("NE", "NE", "", ""),
            // No word of the standard: some makers write there of what a result is.
            ("", "0", "AA", "AR"),
            ("NE", "", "AA", "AR"),
        ] {
            let found = (code(accept, application, true), code(accept, application, false));
            assert_eq!(found, (stored.to_owned(), refused.to_owned()), "{accept} {application}");
        }
    }

    #[test]
    fn refused_when_it_cannot_be_stored() {
        let now = Instant::now();
        let mut link = MllpLink::new();
        link.received(now, &[&[VT][..], MESSAGE.as_bytes(), &[FS, b'\r']].concat());
        let actions = link.kept(now, false);
        assert!(matches!(&actions[0], Action::Send(a) if String::from_utf8_lossy(a).contains("MSA|AR|MSG0001")));
    }
}
