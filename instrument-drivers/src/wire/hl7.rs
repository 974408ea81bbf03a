//! HL7 v2 messages: segments, fields, escapes. The delimiters are read from MSH.
//!
//! Source: HL7 v2.5 chapters 2 and 7, PROTOCOLS 7.

use std::borrow::Cow;

use encoding_rs::{BIG5, Encoding, GB18030, UTF_8};

/// One segment; `fields[0]` is its name. In MSH `fields[1]` is the field delimiter itself, so numbers match the standard.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Segment {
    pub fields: Vec<String>,
}

impl Segment {
    pub fn name(&self) -> &str {
        self.fields.first().map_or("", String::as_str)
    }

    /// Field by its number in the standard; empty when the segment is shorter.
    pub fn field(&self, number: usize) -> &str {
        self.fields.get(number).map_or("", String::as_str)
    }
}

/// Delimiters of one message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Delimiters {
    pub field: char,
    pub component: char,
    pub repetition: char,
    pub escape: char,
    pub subcomponent: char,
}

/// Splits a text into messages (at MSH) and those into segments. VT and FS around messages are dropped.
pub fn messages(text: &str) -> Vec<(Delimiters, Vec<Segment>)> {
    let mut messages: Vec<(Delimiters, Vec<Segment>)> = Vec::new();
    for line in text.split(['\r', '\n', '\u{b}', '\u{1c}']).filter(|line| !line.is_empty()) {
        if let Some(rest) = line.strip_prefix("MSH") {
            let mut chars = rest.chars();
            let mut next = |default| chars.next().unwrap_or(default);
            let field = next('|');
            let delimiters = Delimiters {
                field,
                component: next('^'),
                repetition: next('~'),
                escape: next('\\'),
                subcomponent: next('&'),
            };
            let mut fields = vec!["MSH".to_string(), field.to_string()];
            fields.extend(rest.split(field).skip(1).map(String::from));
            messages.push((delimiters, vec![Segment { fields }]));
        } else if let Some((delimiters, segments)) = messages.last_mut() {
            segments.push(Segment { fields: line.split(delimiters.field).map(String::from).collect() });
        }
    }
    messages
}

/// Replaces escape sequences; one that is not known stays as it is.
pub fn unescape<'t>(text: &'t str, delimiters: &Delimiters) -> Cow<'t, str> {
    if !text.contains(delimiters.escape) {
        return Cow::Borrowed(text);
    }
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find(delimiters.escape) {
        out.push_str(&rest[..at]);
        let after = &rest[at + delimiters.escape.len_utf8()..];
        let Some(end) = after.find(delimiters.escape) else {
            out.push_str(&rest[at..]);
            return Cow::Owned(out);
        };
        match &after[..end] {
            "F" => out.push(delimiters.field),
            "S" => out.push(delimiters.component),
            "T" => out.push(delimiters.subcomponent),
            "R" => out.push(delimiters.repetition),
            "E" => out.push(delimiters.escape),
            ".br" => out.push('\n'),
            "H" | "N" => {}
            other => match other.strip_prefix('X').and_then(|digits| hex::decode(digits).ok()) {
                Some(bytes) => out.push_str(&String::from_utf8_lossy(&bytes)),
                None => out.push_str(&rest[at..at + 2 * delimiters.escape.len_utf8() + end]),
            },
        }
        rest = &after[end + delimiters.escape.len_utf8()..];
    }
    out.push_str(rest);
    Cow::Owned(out)
}

/// A text as it stands in a field between the delimiters that this program writes, `|^~\&`.
pub fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '|' => out.push_str("\\F\\"),
            '^' => out.push_str("\\S\\"),
            '&' => out.push_str("\\T\\"),
            '~' => out.push_str("\\R\\"),
            '\\' => out.push_str("\\E\\"),
            c if c.is_control() => out.push(' '),
            c => out.push(c),
        }
    }
    out
}

/// MSH of the first message, without looking at what follows.
fn head(message: &[u8]) -> Option<Segment> {
    let begins = message.iter().position(|byte| !matches!(byte, 0x0b | b'\r' | b'\n'))?;
    let line = message[begins..].split(|byte| matches!(byte, b'\r' | b'\n')).next()?;
    let text = String::from_utf8_lossy(line);
    let (_, segments) = messages(&text).into_iter().next()?;
    segments.into_iter().next()
}

/// What a message is (`ORU`, `QRY`): the first component of MSH-9.
pub fn kind(message: &[u8]) -> String {
    let head = head(message);
    let kind = head.as_ref().and_then(|head| head.field(9).split('^').next()).unwrap_or_default();
    kind.trim().to_owned()
}

/// Whether a message asks what is to be done.
pub fn is_question(kind: &str) -> bool {
    matches!(kind, "QRY" | "QBP")
}

/// What the other side says of a message that it was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    /// The control id of that message (MSA-2).
    pub of: String,
    /// AA, AE, AR; in the enhanced mode CA, CE, CR (MSA-1).
    pub code: String,
    pub text: String,
}

/// The receipt that a message is; `None` for a message that carries anything else. The answer to an order (ORL, ORR) is one
/// too: it says that the order was taken.
pub fn receipt(message: &[u8]) -> Option<Receipt> {
    if !matches!(kind(message).as_str(), "ACK" | "ORL" | "ORR" | "MCF") {
        return None;
    }
    let text = String::from_utf8_lossy(message);
    let (_, segments) = messages(&text).into_iter().next()?;
    let said = segments.iter().find(|segment| segment.name() == "MSA")?;
    let field = |number: usize| said.field(number).trim().to_owned();
    Some(Receipt { of: field(2), code: field(1), text: field(3) })
}

/// MSH-10 of the first message, when there is one.
pub fn control_id(message: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(message);
    let (_, segments) = messages(&text).into_iter().next()?;
    Some(segments[0].field(10).to_string()).filter(|id| !id.is_empty())
}

/// The character set that the first message names in MSH-18, by the names of HL7 table 0211. `None`: it names none, or one
/// that says nothing (ASCII).
pub fn declared_encoding(message: &[u8]) -> Option<&'static Encoding> {
    let begins = message.iter().position(|byte| !matches!(byte, 0x0b | b'\r' | b'\n'))?;
    let message = message[begins..].strip_prefix(b"MSH")?;
    let head = message.split(|byte| matches!(byte, b'\r' | b'\n')).next()?;
    let head = String::from_utf8_lossy(head);
    let field = head.chars().next()?;
    // The delimiter itself is MSH-1, so what stands behind the 17th is MSH-18.
    let declared = head.split(field).nth(17)?.split(['~', '^']).next()?.trim().to_uppercase();
    match declared.as_str() {
        "UNICODE UTF-8" | "UTF-8" => Some(UTF_8),
        "GB 18030-2000" | "GB18030" => Some(GB18030),
        "BIG-5" => Some(BIG5),
        other => Encoding::for_label(format!("iso-8859-{}", other.strip_prefix("8859/")?).as_bytes()),
    }
}

/// Which acknowledgement a message asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wanted {
    /// AA, AE, AR.
    Application,
    /// CA, CE, CR.
    Accept,
    Nothing,
}

/// What MSH-15 (accept) and MSH-16 (application) ask for when a message was stored, or was not. Only a word of HL7 table 0155
/// in MSH-16 takes the usual answer away: makers write other things there. Source: HL7 v2.5, 2.9.2 and 2.9.3.
pub fn wanted(message: &[u8], is_good: bool) -> Wanted {
    let head = head(message);
    let wants = |number: usize| match head.as_ref().map_or("", |head| head.field(number)).trim() {
        "AL" => Some(true),
        "NE" => Some(false),
        "ER" => Some(!is_good),
        "SU" => Some(is_good),
        _ => None,
    };
    match (wants(15), wants(16)) {
        (_, None | Some(true)) => Wanted::Application,
        (Some(true), Some(false)) => Wanted::Accept,
        (_, Some(false)) => Wanted::Nothing,
    }
}

/// The acknowledgement of a message: its sender and receiver swapped, its control id echoed.
/// `code` is AA, AE or AR; `number` makes the acknowledgement's own control id; `at`: `YYYYMMDDHHMMSS`.
pub fn acknowledgement(message: &[u8], code: &str, text: &str, number: u64, at: &str) -> String {
    let received = String::from_utf8_lossy(message);
    let parsed = messages(&received);
    let empty = Segment { fields: Vec::new() };
    let head = parsed.first().map_or(&empty, |(_, segments)| &segments[0]);
    let trigger = head.field(9).split('^').nth(1).unwrap_or_default();
    let kind = if trigger.is_empty() { "ACK".to_string() } else { format!("ACK^{trigger}^ACK") };
    let version = if head.field(12).is_empty() { "2.5" } else { head.field(12) };
    let mode = if head.field(11).is_empty() { "P" } else { head.field(11) };
    let trailing = if text.is_empty() { String::new() } else { format!("|{text}") };
    format!(
        "MSH|^~\\&|{}|{}|{}|{}|{at}||{kind}|ACK{number:06}|{mode}|{version}\rMSA|{code}|{}{trailing}\r",
        head.field(5),
        head.field(6),
        head.field(3),
        head.field(4),
        head.field(10)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_counted_as_in_the_standard() {
        let text =
            "MSH|^~\\&|ELISA1|LAB|LIS|LAB|20260310100000||ORU^R01|MSG0001|P|2.5\rOBX|1|NM|AFLA^Aflatoxin||2.4|ug/kg\r";
        let parsed = messages(text);
        let (delimiters, segments) = &parsed[0];
        assert_eq!(delimiters.repetition, '~');
        assert_eq!(segments[0].field(2), "^~\\&");
        assert_eq!(segments[0].field(10), "MSG0001");
        assert_eq!((segments[1].field(5), segments[1].field(6)), ("2.4", "ug/kg"));
        assert_eq!(segments[1].field(99), "");
    }

    #[test]
    fn the_character_set_is_declared_in_msh_18() {
        let of = |set: &str| {
            let head = format!("\u{b}MSH|^~\\&|E|LAB|LIS|LAB|20260310100000||ORU^R01|M1|P|2.5|||||CHN|{set}\rPID|1\r");
            declared_encoding(head.as_bytes()).map(Encoding::name)
        };
        assert_eq!(of("UNICODE UTF-8"), Some("UTF-8"));
        assert_eq!(of("GB 18030-2000~ASCII|zh"), Some("gb18030"));
        assert_eq!(of("8859/1"), Some("windows-1252"), "of which it is a part");
        assert_eq!(of("8859/15"), Some("ISO-8859-15"));
        assert_eq!((of(""), of("ASCII"), of("8859/x")), (None, None, None));
        assert_eq!(declared_encoding(b"H|\\^&|||||||||||||||8859/1\r"), None);
    }

    #[test]
    fn what_is_written_is_read_as_it_was() {
        let (delimiters, _) = messages("MSH|^~\\&|")[0].clone();
        let text = "a|b^c&d~e\\f 铅";
        assert_eq!(escape(text), "a\\F\\b\\S\\c\\T\\d\\R\\e\\E\\f 铅");
        assert_eq!(unescape(&escape(text), &delimiters), text);
        assert_eq!(escape("a\rOBX|"), "a OBX\\F\\", "no segment of its own");
    }

    #[test]
    fn a_receipt_names_what_it_is_for() {
        let of =
            |kind: &str, msa: &str| receipt(format!("MSH|^~\\&|A|L|LIS||20260310||{kind}|7|P|2.5\r{msa}\r").as_bytes());
        let said = |code: &str, text: &str| Some(Receipt { of: "M1".into(), code: code.into(), text: text.into() });
        assert_eq!(of("ACK^Q03", "MSA|AA|M1"), said("AA", ""));
        assert_eq!(of("ORL^O34^ORL_O34", "MSA|AR|M1|unknown test"), said("AR", "unknown test"));
        assert_eq!(of("ORU^R01", "MSA|AA|M1"), None, "it carries results");
        assert_eq!(of("ACK^Q03", "ERR|0"), None);
        assert_eq!(kind(b"\x0bMSH|^~\\&|A|L|LIS||20260310||QBP^Q11^QBP_Q11|7\rQPD|"), "QBP");
        assert_eq!(kind(b"no message"), "");
    }

    #[test]
    fn escapes_are_replaced() {
        let (delimiters, _) = messages("MSH|^~\\&|")[0].clone();
        assert_eq!(unescape("a\\F\\b\\S\\c\\T\\d\\R\\e\\E\\f\\X41\\g", &delimiters), "a|b^c&d~e\\fAg");
        assert_eq!(unescape("50\\% of", &delimiters), "50\\% of");
    }
}
