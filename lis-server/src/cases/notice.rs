//! The notice of result (检验结果通知书, `records.md` 6): what a served operator is told, has to do and may do. A job sets it
//! after each service, keeps it and sends it to whom it was served on; the operator's page says the same.

use chrono::NaiveDate;
use serde::Deserialize;
use serde_json::{Value, json};

use super::actions::{fell_at, region_of, visible};
use super::calls::{self, ReportShown, SampleShown};
use super::clocks::Ends;
use super::feed::FeedResult;
use super::law;
use super::portal::{PortalCase, failing_items, last_day, only_microbes};
use super::state::{Kind, Party};
use super::store::{self, NewNotice, NoticeRow};
use crate::accounts::role::{ReadFailingResults, UsePortal};
use crate::accounts::{Actor, May};
use crate::app::Lis;
use crate::audit::canonical::canonical;
use crate::db::{Conn, Tx};
use crate::domain::ids::{JobId, ReportId};
use crate::domain::refusal::{Fact, Fault, NOT_FOUND, Outcome};
use crate::files;
use crate::jobs;
use crate::pdf::documents::{
    FailingItem, Laboratory, Language as Printed, Party as Firm, ReportItem, ResultNotice, Sample,
};
use crate::web::language::Language;

/// The kind of job, and the beginning of its key.
pub const JOB: &str = "result-notice";

const PDF: &str = "application/pdf";

/// Has the notice of a service set. The report is the one that was served: what replaces it is served anew.
pub fn queue(tx: &mut Tx, service: i64, report: ReportId) -> Outcome<()> {
    jobs::queue(tx, JOB, &format!("{JOB}:{service}"), &json!({"service": service, "report": report}))?;
    Ok(())
}

/// Sets the notice of a service, keeps it and queues the mails that bring it. A second run finds it kept.
pub fn run(lis: &Lis, job: JobId, payload: &Value) -> Outcome<()> {
    let service: i64 = serde_json::from_value(payload["service"].clone()).map_err(Fault::broken)?;
    let report: ReportId = serde_json::from_value(payload["report"].clone()).map_err(Fault::broken)?;
    let gathered = lis.db.read_now(|conn| gathered(conn, service, report))?;
    let Some((shown, told, served)) = gathered else {
        return Ok(());
    };
    let notice = filled(&shown, &told, served)?;
    // The time of service, so that the same notice is set to the same bytes.
    let at = shown.service.served_at.utc();
    let bytes = lis.typesetter.result_notice(&notice, at).map_err(Fault::broken)?;
    let sha256 = lis.files.put(&bytes)?;
    let document = canonical(&serde_json::to_value(&notice).map_err(Fault::broken)?);
    let by = Actor::system("jobs", format!("job:{job}"));
    lis.db.write_now(move |tx| keep(tx, &by, &shown, &document, (&sha256, bytes.len())))
}

/// `None`: it is kept already.
fn gathered(conn: &mut Conn, service: i64, report: ReportId) -> Outcome<Option<(PortalCase, Told, Served)>> {
    if !store::notices_of(conn, &[service])?.is_empty() {
        return Ok(None);
    }
    let row = store::service(conn, service)?.ok_or(NOT_FOUND)?;
    let mut case = store::case(conn, row.case_id)?.ok_or(NOT_FOUND)?;
    case.report_id = report;
    let mut clocks = store::clocks_of(conn, &[case.id])?;
    clocks.retain(|clock| clock.party == row.party);
    let shown = PortalCase { case, service: row, clocks, applications: Vec::new(), notice: None };
    let told = told(conn, &shown)?;
    let (_, document) = calls::documents(conn, &[report])?.pop().ok_or(NOT_FOUND)?;
    let served = serde_json::from_str(&document).map_err(Fault::broken)?;
    Ok(Some((shown, told, served)))
}

fn keep(tx: &mut Tx, by: &Actor, shown: &PortalCase, document: &str, file: (&str, usize)) -> Outcome<()> {
    let (service, (sha256, byte_count)) = (&shown.service, file);
    if !store::notices_of(tx.conn, &[service.id])?.is_empty() {
        return Ok(());
    }
    let file_name = format!("{}.pdf", service.notice_no);
    files::name(tx, sha256, byte_count, PDF, &file_name)?;
    let row = NewNotice { service_id: service.id, document, file_sha256: sha256, created_at: tx.now };
    store::insert_notice(tx.conn, &row)?;
    tx.log(
        by.entry("case_service", service.id, 2, "case-notice-set")
            .set("case", shown.case.id.0)
            .set("notice_no", service.notice_no.as_str())
            .set("file_sha256", sha256),
    );
    let key = format!("case-served:{}", service.id);
    let (enterprises, about) = (service.enterprise_id.as_slice(), (shown.case.case_no.as_str(), shown.case.id.0));
    calls::tell_with(tx, &key, enterprises, "case-served", about, Some((sha256, file_name.as_str())))
}

/// Until when an operator may apply or object, each from its own beginning.
#[derive(Clone, Copy, Debug)]
pub struct LastDays {
    pub reinspection: Option<Ends>,
    /// To authenticity, method or standard.
    pub objection: Option<Ends>,
    /// To the sampling; `None`: nobody noted when it ended.
    pub sampling: Option<Ends>,
}

/// What a notice tells beside the words that are always the same.
#[derive(Clone)]
pub struct Told {
    pub sample: SampleShown,
    pub report: ReportShown,
    /// None where the conclusion fell.
    pub items: Vec<FeedResult>,
    /// Nothing else fails: there is no re-inspection (`workflow.md` 11).
    pub only_microbes: bool,
    /// An agriculture department had farm produce sampled: there are no objections.
    pub only_retest: bool,
    pub days: LastDays,
    /// Until when a backup sample is kept.
    pub backup_until: Option<NaiveDate>,
}

/// What is told of a case, by the report that it stands on.
pub fn told(conn: &mut Conn, shown: &PortalCase) -> Outcome<Told> {
    let case = &shown.case;
    let fell = fell_at(conn, case.id)?.is_some();
    let items = if fell { Vec::new() } else { failing_items(conn, case)? };
    let kept = calls::backups(conn, &[case.sample_id])?.into_iter().filter(|backup| backup.4 == "kept");
    let backup_until = kept.filter_map(|backup| backup.5).max();
    Ok(Told {
        sample: calls::samples(conn, &[case.sample_id])?.pop().ok_or(NOT_FOUND)?,
        report: calls::reports(conn, &[case.report_id])?.pop().ok_or(NOT_FOUND)?,
        only_microbes: only_microbes(conn, &items)?,
        only_retest: law::is_agriculture(case),
        items,
        days: LastDays {
            reinspection: last_day(conn, shown, Kind::Reinspection)?,
            objection: last_day(conn, shown, Kind::ObjectionMethod)?,
            sampling: last_day(conn, shown, Kind::ObjectionSampling)?,
        },
        backup_until,
    })
}

/// 应履行的义务: what a served operator has to do.
pub fn duties(party: &str, language: Language) -> Vec<String> {
    let own = if party == Party::Maker.code() { "notice-duty-maker" } else { "notice-duty-sampled-unit" };
    [own, "notice-duty-recall", "notice-duty-correct", "notice-duty-report", "notice-duty-continue"]
        .map(|key| language.text(key))
        .to_vec()
}

/// 复检、异议的权利与期限, each with its last day.
pub fn rights(told: &Told, language: Language) -> Vec<String> {
    let until = |key: &str, ends: Option<Ends>| {
        let date = match ends {
            Some(Ends { on, provisional: true }) => format!("{on}{}", language.text("clock-provisional")),
            Some(Ends { on, provisional: false }) => on.to_string(),
            None => "/".to_owned(),
        };
        language.text_with(key, &[("date", Fact::Text(date))])
    };
    let reinspection = if told.only_microbes {
        language.text("notice-right-none")
    } else if told.only_retest {
        until("notice-right-retest", told.days.reinspection)
    } else {
        until("notice-right-reinspection", told.days.reinspection)
    };
    if told.only_retest {
        return vec![reinspection];
    }
    vec![
        reinspection,
        until("notice-right-objection", told.days.objection),
        until("notice-right-sampling", told.days.sampling),
    ]
}

/// What is read of the fixed document of the report that is served.
#[derive(Deserialize)]
struct Served {
    language: Printed,
    laboratory: Laboratory,
    sample: Sample,
    #[serde(default)]
    sampled_unit: Option<Firm>,
    #[serde(default)]
    producer: Option<Firm>,
    items: Vec<ReportItem>,
    #[serde(default)]
    judgement_basis: Vec<String>,
}

/// The form. The authority tells, not the laboratory; it speaks the language of the report that it encloses.
fn filled(shown: &PortalCase, told: &Told, served: Served) -> Outcome<ResultNotice> {
    let language = match served.language {
        Printed::Zh => Language::Chinese,
        Printed::En => Language::English,
    };
    let party = Party::parse(&shown.service.party)
        .ok_or_else(|| Fault::broken(format!("a service on {}", shown.service.party)))?;
    let (to_unit, name) = match party {
        Party::SampledUnit => (served.sampled_unit.clone(), &told.sample.unit_name),
        Party::Maker => (served.producer.clone(), &told.sample.producer_name),
    };
    let basis = served.judgement_basis.join("; ");
    let failing = served.items.into_iter().filter(|item| item.failed).map(|item| FailingItem {
        name: item.name,
        unit: item.unit,
        results: item.results,
        requirement: item.requirement.unwrap_or_default(),
        basis: item.basis.unwrap_or_else(|| basis.clone()),
    });
    let served_at = shown.service.served_at;
    Ok(ResultNotice {
        language: served.language,
        notice_no: shown.service.notice_no.clone(),
        issued_by: told.sample.ordering_name.clone(),
        issued_on: served_at.date_in_china().to_string(),
        to_unit: to_unit.unwrap_or_else(|| Firm { name: name.clone(), ..Firm::default() }),
        to_role: language.text(&party.word()),
        sample: served.sample,
        sampled_unit: served.sampled_unit.map(|unit| unit.name),
        producer: served.producer.map(|maker| maker.name),
        report_no: told.report.report_no.clone(),
        laboratory: served.laboratory.name.clone(),
        failing_items: failing.collect(),
        duties: duties(party.code(), language),
        rights: rights(told, language),
        backup_place: told
            .backup_until
            .map(|_| format!("{} {}", served.laboratory.name, served.laboratory.address).trim().to_owned()),
        backup_until: told.backup_until.map(|day| day.to_string()),
        served_at: Some(served_at.to_string()),
        served_how: Some(shown.service.how.clone()),
        confirmed: None,
    })
}

/// The notice of a service for somebody whom it concerns: the operator that was served, an authority that the case concerns.
///
/// # Errors
/// `not-found` for everybody else, and before it is set.
pub fn of_service(conn: &mut Conn, who: &Actor, service: i64) -> Outcome<(NoticeRow, String)> {
    let row = store::service(conn, service)?.ok_or(NOT_FOUND)?;
    let is_own =
        May::<UsePortal>::check(who).is_some() && row.enterprise_id.is_some_and(|one| who.enterprise == Some(one));
    if !is_own {
        May::<ReadFailingResults>::check(who).ok_or(NOT_FOUND)?;
        visible(conn, row.case_id, &region_of(who)?)?;
    }
    let notice = store::notices_of(conn, &[service])?.pop().ok_or(NOT_FOUND)?;
    Ok((notice, row.notice_no))
}
