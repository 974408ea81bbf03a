//! What stands around a result of HL7: its own fields, its order, its specimen, the comments behind it.

use std::borrow::Cow;

use super::record_kinds::Kinds;
use crate::wire::hl7;

/// One segment of a message, and those around it.
pub struct Hl7Place<'a> {
    pub delimiters: &'a hl7::Delimiters,
    pub segments: &'a [hl7::Segment],
    pub order: Option<&'a hl7::Segment>,
    /// Place of the result among the segments.
    pub at: usize,
    /// Names of the segments that are results.
    pub results: &'a Kinds,
}

impl<'a> Hl7Place<'a> {
    fn segment(&self, name: &str) -> Option<&'a hl7::Segment> {
        let own = self.segments.get(self.at)?;
        match name {
            name if name == own.name() => Some(own),
            // Another result says nothing of this one.
            name if self.results.named(name) => None,
            "OBR" => self.order,
            // Comments stand directly behind what they are about.
            "NTE" => self.segments.get(self.at + 1).filter(|next| next.name() == "NTE"),
            name => self.nearest(name),
        }
    }

    /// A structured value as numbers are written: `<^250` is `<250`, `^1^:^128` is `1:128`. Empty where it is none.
    pub fn structured(&self) -> String {
        let own = self.segments.get(self.at).filter(|own| own.name() == "OBX" && own.field(2) == "SN");
        let parts = own.map_or("", |own| own.field(5)).split(self.delimiters.component).map(str::trim);
        parts.collect::<String>().trim_start_matches('=').to_string()
    }

    /// Of segments that come several times, as specimens do, the nearest above the result; where they follow their results, as
    /// the first of them shows, the nearest below.
    fn nearest(&self, name: &str) -> Option<&'a hl7::Segment> {
        let (above, below) = self.segments.split_at_checked(self.at)?;
        let named = |segment: &&hl7::Segment| segment.name() == name;
        let mut places = self.segments.iter();
        let leads = places.find(|segment| named(segment) || segment.name() == "OBX").is_some_and(|first| named(&first));
        let (above, below) = (above.iter().rfind(named), below.iter().find(named));
        if leads { above.or(below) } else { below.or(above) }
    }

    pub fn text(&self, name: &str, field: usize, component: Option<usize>) -> Cow<'a, str> {
        let segment = self.segment(name);
        let raw = segment.map_or("", |segment| segment.field(field));
        let raw = match component {
            None => raw,
            Some(component) => {
                let first = raw.split(self.delimiters.repetition).next().unwrap_or("");
                first.split(self.delimiters.component).nth(component.saturating_sub(1)).unwrap_or("")
            }
        };
        hl7::unescape(raw, self.delimiters)
    }
}

#[cfg(test)]
mod tests {
    use crate::observation::Reading;
    use crate::profile::{Context, Profile, recognise};

    fn read(records: &str, message: &str) -> Reading {
        let head = "maturity = \"draft\"\nsource = \"example\"\nformat = \"hl7\"\n";
        let profile = Profile::parse("p", &format!("{head}[records]\n{records}\n")).unwrap();
        profile.read(message.as_bytes(), &Context::default())
    }

    fn samples(records: &str, message: &str) -> Vec<String> {
        read(records, message)
            .observations
            .into_iter()
            .map(|one| format!("{} {}", one.role.name(), one.sample_id))
            .collect()
    }

    #[test]
    fn a_question_names_its_sample_where_the_profile_says() {
        let qry = "MSH|^~\\&|X\rQRD|20260310|R|D|1|||RD|F26-1|OTH|||T|\r";
        assert_eq!(samples("", qry), ["query F26-1"]);
        assert_eq!(recognise::best(qry.as_bytes(), &Context::default()).map(|one| one.name), Ok("generic_hl7".into()));
        let qbp = "MSH|^~\\&|X\rQPD|WOS^x|7||||F26-2^A\r";
        assert_eq!(samples("query = \"{QPD.6.1}\"", qbp), ["query F26-2"]);
        // Nobody is asked about nothing.
        let lost = read("", qbp);
        assert_eq!(lost.observations, []);
        assert!(lost.troubles[0].reason.to_string().contains("records.query"), "{:?}", lost.troubles);
    }

    #[test]
    fn a_comment_belongs_to_the_result_in_front_of_it() {
        let message = "MSH|^~\\&|X\rOBR|1||F26-1\rNTE|1||of the order\rOBX|1|NM|A||1\rOBX|2|NM|B||2\rNTE|1||of B\r";
        let flags: Vec<String> =
            read("flag = \"{NTE.3}\"", message).observations.into_iter().map(|one| one.flag).collect();
        assert_eq!(flags, ["", "of B"]);
    }

    #[test]
    fn structured_values_are_bounds_and_ratios() {
        let message = |value: &str| format!("MSH|^~\\&|X\rOBR|1||F26-1\rOBX|1|SN|A||{value}\r");
        let meaning = |value: &str| {
            let one = read("", &message(value)).observations.remove(0);
            (one.number, one.bound, one.qualifier.map(|qualifier| format!("{qualifier:?}")))
        };
        assert_eq!(meaning("<^250"), (None, Some("250".into()), Some("Below".into())));
        assert_eq!(meaning("=^12.5"), (Some("12.5".into()), None, None));
        assert_eq!(meaning("^1^:^128"), (None, None, Some("Text".into())));
    }
}
