//! The regulators' feed: cursors, and the items that an authority pulls. An event is one item per caller, with the
//! relations of his region and below; what concerns other regions alone does not exist for him.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use serde::{Deserialize, Serialize};

use super::CURSOR_UNKNOWN;
use super::calls::{self, AnalyteShown, SampleShown};
use super::store::{self, EventRow};
use crate::db::Conn;
use crate::domain::clock::Moment;
use crate::domain::identifiers::RegionCode;
use crate::domain::ids::{CaseEventId, CaseId, ReportId, SampleId};
use crate::domain::refusal::{Fault, Outcome};
use crate::pdf::documents::ReportItem;

/// A position in one log, as callers keep it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Cursor {
    pub log_id: String,
    pub position: i64,
}

impl Cursor {
    pub fn encode(&self) -> String {
        BASE64.encode(format!("{}:{}", self.log_id, self.position))
    }

    pub fn decode(text: &str) -> Option<Self> {
        let plain = String::from_utf8(BASE64.decode(text).ok()?).ok()?;
        let (log_id, position) = plain.rsplit_once(':')?;
        let position = position.parse().ok().filter(|position| *position >= 0)?;
        Some(Self { log_id: log_id.to_owned(), position })
    }
}

/// The position to read from. A cursor of another log (after a restore) or of the future would skip something.
pub fn starting_position(after: Option<&str>, log_id: &str, head: i64) -> Option<i64> {
    match after {
        None | Some("") => Some(0),
        Some(text) => {
            let cursor = Cursor::decode(text)?;
            (cursor.log_id == log_id && cursor.position <= head).then_some(cursor.position)
        }
    }
}

#[derive(Serialize, utoipa::ToSchema)]
pub struct FeedPage {
    pub items: Vec<FeedItem>,
    /// Always there: give it as `after` next time.
    pub next: String,
    pub more: bool,
}

#[derive(Serialize, utoipa::ToSchema)]
pub struct FeedItem {
    /// Name it to acknowledge.
    pub event_id: i64,
    pub case_id: i64,
    pub case_no: String,
    /// `failing`, `updated` (a new report, still failing) or `reversed`.
    pub event: String,
    #[schema(value_type = String, format = DateTime)]
    pub at: Moment,
    pub relations: Vec<FeedRelation>,
    pub sample: FeedSample,
    /// Failing items as the event's report states them; of a reversal none.
    pub items: Vec<FeedResult>,
    pub report_no: String,
    /// Number of the report that this one replaces: of a reversal mostly the one that failed.
    pub replaces: Option<String>,
    #[schema(value_type = Option<String>, format = DateTime)]
    pub issued_at: Option<Moment>,
    pub report_sha256: Option<String>,
    pub verification_url: String,
    pub backup: Vec<FeedBackup>,
}

#[derive(Clone, Serialize, utoipa::ToSchema)]
pub struct FeedRelation {
    pub relation: String,
    pub region_code: String,
    #[schema(value_type = Option<String>, format = DateTime)]
    pub acknowledged_at: Option<Moment>,
}

#[derive(Serialize, utoipa::ToSchema)]
pub struct FeedSample {
    pub sample_no: Option<String>,
    pub form_no: String,
    pub sample_name: String,
    pub batch_no: String,
    pub production_date: Option<String>,
    #[schema(value_type = Option<String>, format = DateTime)]
    pub sampled_at: Option<Moment>,
    pub ordering_name: String,
    pub unit_name: String,
    pub producer_name: String,
}

#[derive(Clone, Serialize, utoipa::ToSchema)]
pub struct FeedResult {
    pub analyte: String,
    pub analyte_zh: String,
    pub analyte_en: String,
    /// As the report prints it; of a sampling plan all values.
    pub result: String,
    pub unit: String,
    /// The limit as the report prints it.
    pub limit: String,
    /// The standards that it was judged by.
    pub limit_standards: String,
}

#[derive(Serialize, utoipa::ToSchema)]
pub struct FeedBackup {
    pub location: String,
    pub quantity: String,
    pub unit: String,
    pub retention: String,
    pub keep_until: Option<String>,
}

/// A page of the feed of a region: a dozen queries, however many items.
pub fn read(
    conn: &mut Conn,
    region: &RegionCode,
    after: Option<&str>,
    limit: i64,
    base_url: &str,
) -> Outcome<FeedPage> {
    let (log_id, head) = store::head(conn)?;
    let from = starting_position(after, &log_id, head).ok_or_else(|| CURSOR_UNKNOWN.at("after"))?;
    let mut lines = store::feed(conn, region.as_str(), from, limit + 1)?;
    let most = usize::try_from(limit).unwrap_or(usize::MAX);
    let more = lines.len() > most;
    lines.truncate(most);
    let position = lines.last().map_or(from, |line| line.0);
    let ids: Vec<CaseEventId> = lines.iter().map(|line| line.1).collect();
    let mut events = store::events_by_id(conn, &ids)?;
    events.sort_by_key(|event| ids.iter().position(|id| *id == event.id));
    let items = items_of(conn, region, &events, base_url)?;
    Ok(FeedPage { items, next: Cursor { log_id, position }.encode(), more })
}

/// Events as items, for one region.
pub fn items_of(conn: &mut Conn, region: &RegionCode, events: &[EventRow], base_url: &str) -> Outcome<Vec<FeedItem>> {
    let case_ids: Vec<CaseId> = events.iter().map(|event| event.case_id).collect();
    let event_ids: Vec<CaseEventId> = events.iter().map(|event| event.id).collect();
    let report_ids: Vec<ReportId> = events.iter().map(|event| event.report_id).collect();
    let cases = store::cases_by_id(conn, &case_ids)?;
    let sample_ids: Vec<SampleId> = cases.iter().map(|case| case.sample_id).collect();
    let relations = store::relations_of(conn, &case_ids)?;
    let acknowledged = store::acknowledgements_of(conn, &event_ids)?;
    let samples = calls::samples(conn, &sample_ids)?;
    let reports = calls::reports(conn, &report_ids)?;
    let replaced: Vec<ReportId> = reports.iter().filter_map(|report| report.amends_id).collect();
    let replaced = calls::reports(conn, &replaced)?;
    // What fell fails no more: of a reversal no document is asked for.
    let failing: Vec<ReportId> =
        events.iter().filter(|event| event.event != "reversed").map(|event| event.report_id).collect();
    let documents = calls::documents(conn, &failing)?;
    let analytes = calls::analytes(conn, &sample_ids)?;
    let backups = calls::backups(conn, &sample_ids)?;
    let items_of_event = |event: &EventRow, sample: SampleId| {
        let document = documents.iter().find(|(id, _)| *id == event.report_id).filter(|_| event.event != "reversed");
        let own: Vec<&AnalyteShown> = analytes.iter().filter(|one| one.sample_id == sample).collect();
        document.map_or(Ok(Vec::new()), |(_, document)| failing_of(document, &own))
    };
    let items = events.iter().filter_map(|event| {
        let case = cases.iter().find(|case| case.id == event.case_id)?;
        let sample = samples.iter().find(|sample| sample.id == case.sample_id)?;
        let report = reports.iter().find(|report| report.id == event.report_id)?;
        let seen = relations
            .iter()
            .filter(|row| row.case_id == case.id && row.region_code.starts_with(region.as_str()))
            .map(|row| FeedRelation {
                relation: row.relation.clone(),
                region_code: row.region_code.clone(),
                acknowledged_at: acknowledged
                    .iter()
                    .find(|ack| ack.event_id == event.id && ack.relation == row.relation)
                    .map(|ack| ack.at),
            });
        let backup = backups.iter().filter(|backup| backup.0 == case.sample_id).map(|backup| FeedBackup {
            location: backup.1.clone(),
            quantity: backup.2.clone(),
            unit: backup.3.clone(),
            retention: backup.4.clone(),
            keep_until: backup.5.map(|day| day.to_string()),
        });
        let items = match items_of_event(event, sample.id) {
            Ok(items) => items,
            Err(fault) => return Some(Err(fault)),
        };
        Some(Ok(FeedItem {
            event_id: event.id.0,
            case_id: case.id.0,
            case_no: case.case_no.clone(),
            event: event.event.clone(),
            at: event.at,
            relations: seen.collect(),
            sample: sample_of(sample),
            items,
            report_no: report.report_no.clone(),
            replaces: replaced.iter().find(|old| Some(old.id) == report.amends_id).map(|old| old.report_no.clone()),
            issued_at: report.issued_at,
            report_sha256: report.file_sha256.clone(),
            verification_url: format!("{base_url}/verify/{}", report.verification_code),
            backup: backup.collect(),
        }))
    });
    items.collect()
}

fn sample_of(sample: &SampleShown) -> FeedSample {
    FeedSample {
        sample_no: sample.sample_no.clone(),
        form_no: sample.form_no.clone(),
        sample_name: sample.sample_name.clone(),
        batch_no: sample.batch_no.clone(),
        production_date: sample.production_date.map(|day| day.to_string()),
        sampled_at: sample.sampled_at,
        ordering_name: sample.ordering_name.clone(),
        unit_name: sample.unit_name.clone(),
        producer_name: sample.producer_name.clone(),
    }
}

/// What is read of a report's fixed document.
#[derive(Deserialize)]
struct Fixed {
    #[serde(default)]
    items: Vec<ReportItem>,
    #[serde(default)]
    judgement_basis: Vec<String>,
}

/// The failing items as a report states them: by its document, which its signatory fixed, so that nothing that comes later
/// changes what was told. `analytes` are those of its sample.
pub fn failing_of(document: &str, analytes: &[&AnalyteShown]) -> Outcome<Vec<FeedResult>> {
    let Fixed { items, judgement_basis } = serde_json::from_str(document).map_err(Fault::broken)?;
    // A document that was fixed before its items had keys is read by the names that it prints.
    let is_of = |item: &ReportItem, one: &AnalyteShown| match item.analyte.as_str() {
        "" => item.name == one.zh || item.name == one.en,
        key => key == one.analyte,
    };
    let told = |item: ReportItem| {
        let known = analytes.iter().find(|one| is_of(&item, one));
        FeedResult {
            analyte: known.map_or(item.analyte.clone(), |one| one.analyte.clone()),
            analyte_zh: known.map_or(item.name.clone(), |one| one.zh.clone()),
            analyte_en: known.map_or(item.name.clone(), |one| one.en.clone()),
            result: item.results.join(", "),
            unit: item.unit.unwrap_or_default(),
            limit: item.requirement.unwrap_or_default(),
            limit_standards: item.basis.unwrap_or_else(|| judgement_basis.join("; ")),
        }
    };
    Ok(items.into_iter().filter(|item| item.failed).map(told).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_comes_back() {
        let cursor = Cursor { log_id: "5d0c8e9a".into(), position: 42 };
        // `printf '5d0c8e9a:42' | basenc --base64url`, without the padding.
        assert_eq!(cursor.encode(), "NWQwYzhlOWE6NDI");
        assert_eq!(Cursor::decode("NWQwYzhlOWE6NDI"), Some(cursor));
        assert_eq!(Cursor::decode("42"), None);
        assert_eq!(Cursor::decode(""), None);
        assert_eq!(Cursor::decode(&BASE64.encode("log:-1")), None);
    }

    #[test]
    fn only_this_log_s_past_is_a_place_to_start() {
        let at = |position: i64| Cursor { log_id: "a".into(), position }.encode();
        assert_eq!(starting_position(None, "a", 7), Some(0));
        assert_eq!(starting_position(Some(&at(7)), "a", 7), Some(7));
        assert_eq!(starting_position(Some(&at(8)), "a", 7), None, "the future");
        assert_eq!(starting_position(Some(&at(1)), "b", 7), None, "another log");
        assert_eq!(starting_position(Some("12"), "a", 7), None);
    }
}
