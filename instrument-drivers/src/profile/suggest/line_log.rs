//! A text log of a line that speaks ASTM: its tokens, what stands in front of its lines, and whose lines they are.

use std::collections::BTreeMap;

use regex::Regex;

use super::finding::{Finding, note};
use super::writing::quote;
use crate::wire::astm_capture::token_signs;

/// Date and time, in any order of signs; a word such as `RX` or `<--` behind it says whose line it is.
const MOMENT: &str = r"^\[?\d[\d/:.,T -]*\d\]?\s+";

/// The rest of a profile for such a log; `None` where the text is none.
pub fn astm(text: &str, findings: &mut Vec<Finding>) -> Option<String> {
    let (open, close) = token_signs(text)?;
    note(findings, "format", "astm", 85, format!("a text log of a line, with tokens such as {open}STX{close}"));
    let mut rules = String::from("format = \"astm\"\n\n[records]\ntoken_log = true\n");
    let start =
        Regex::new(&format!(r"{}STX{}\s*(.)", regex::escape(&open.to_string()), regex::escape(&close.to_string())));
    let numbered = start.ok()?.captures(text).is_some_and(|found| found[1].starts_with(|c: char| c.is_ascii_digit()));
    if !numbered {
        note(findings, "frames", "plain", 80, "no number stands behind the first token");
        rules.push_str("plain_frames = true\n");
    }
    let lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).collect();
    let moment = Regex::new(MOMENT).ok()?;
    let behind: Vec<&str> = lines.iter().filter_map(|line| Some(&line[moment.find(line)?.end()..])).collect();
    if behind.len() * 10 < lines.len() * 9 {
        return Some(rules);
    }
    // Whose lines hold nothing but receipts is the host.
    let mut words: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    for line in &behind {
        let word = line.split_whitespace().next().unwrap_or_default();
        let rest = line[word.len()..].trim();
        let receipt = ["ACK", "NAK"].iter().any(|token| rest == format!("{open}{token}{close}"));
        let (all, receipts) = words.entry(word).or_default();
        (*all, *receipts) = (*all + 1, *receipts + usize::from(receipt));
    }
    let worded = words.len() <= 3 && words.keys().all(|word| !word.contains([open, '|']));
    let words: Vec<(&str, bool)> = words.into_iter().map(|(word, (all, receipts))| (word, all == receipts)).collect();
    let any = |host: bool| {
        let named: Vec<String> =
            words.iter().filter(|(_, is)| !host || *is).map(|(word, _)| regex::escape(word)).collect();
        named.join("|")
    };
    if !worded {
        note(findings, "lines", "a time in front", 80, "nearly every line begins so");
        rules.push_str(&format!("log_prefix = {}\n", quote(MOMENT)));
        return Some(rules);
    }
    note(findings, "lines", "a time and a word in front", 80, "nearly every line begins so");
    rules.push_str(&format!("log_prefix = {}\n", quote(&format!("{MOMENT}(?:{}) ?", any(false)))));
    if words.iter().any(|(_, host)| *host) && words.iter().any(|(_, host)| !host) {
        rules.push_str(&format!("log_skip = {}\n", quote(&format!("{MOMENT}(?:{}) ", any(true)))));
    }
    Some(rules)
}
