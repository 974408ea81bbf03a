//! Pages of reports: the list, one report with everything that its reviewer and signatory need, its file. What the
//! page of a report does: `pages/steps.rs`.

mod steps;

use actix_web::{HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::actions::{self, Before, OpinionInput};
use super::document;
use super::line::printed_item;
use super::numbering;
use super::opinions::{OpinionView, may_give, opinion_on};
use super::returning::may_return;
use super::scoped::{Scoped, confirmations};
use super::state::ReportState;
use super::store::evidence::{Evidence, evidence_of};
use super::store::gathered::{self, ItemFacts, SampleFacts, Signer};
use super::store::{self, ListRow, ReportRow, concerned};
use crate::accounts::Actor;
use crate::accounts::PASSWORD_MUST_CHANGE;
use crate::accounts::extract::SignedIn;
use crate::accounts::role::{AuthorizeReports, May, ReviewReports, SeeReports};
use crate::accounts::signing::Meaning;
use crate::app::Lis;
use crate::db::Conn;
use crate::domain::ids::ReportId;
use crate::domain::refusal::{FIELD_INVALID, Fault, NOT_FOUND, Outcome, Reason, Reasons, Refusal};
use crate::instruments::bench::{self, Document};
use crate::judgement::{Conclusion, Verdict, conclude};
use crate::mail::{self, MailRow};
use crate::pdf::documents::ReportItem;
use crate::quality::gates::actions::ConfirmationView;
use crate::web::paging;
use crate::web::problem::Said;
use crate::web::routes::Routes;
use crate::web::ui::{Choice, FormErrors};
use crate::web::{Answer, Ui, page};

pub fn routes() -> Routes {
    Routes::new()
        .get("/reports", list)
        .and(numbering::page_routes())
        .get("/reports/{id}", report)
        .get("/reports/{id}/pdf", pdf)
        .and(steps::routes())
}

/// Reports on one page of the list.
const PAGE_ROWS: i64 = 50;

/// Which reports: a state or all, those before an id.
#[derive(Deserialize, Default, utoipa::IntoParams)]
#[serde(default)]
pub(super) struct Filter {
    /// `compiling`, `reviewed`, `authorized`, `issued`, `amended`, `replaced` or `withdrawn`; empty: all.
    pub state: String,
    /// The `next` of the answer before.
    pub after: Option<i64>,
    /// Rows of the answer, 1 to 500; 50 unless said otherwise.
    #[param(minimum = 1, maximum = 500)]
    pub limit: Option<i64>,
}

/// A page of reports, and whether there are more.
pub(super) async fn reports_of(lis: &Lis, filter: &Filter) -> Outcome<(Vec<ListRow>, bool)> {
    let states: Vec<ReportState> = match filter.state.as_str() {
        "" => Vec::new(),
        code => vec![
            ReportState::parse(code)
                .ok_or_else(|| FIELD_INVALID.at("state").with_word("expected", "expected-report-state"))?,
        ],
    };
    let (after, limit) = (filter.after, paging::limit(filter.limit, PAGE_ROWS)?);
    let mut rows = lis.db.read(move |conn| Ok(store::list(conn, &states, after, limit + 1)?)).await?;
    let more = paging::cut(&mut rows, limit);
    Ok((rows, more))
}

#[derive(Template)]
#[template(path = "reports/pages/list.html")]
struct ListPage {
    ui: Ui,
    states: Vec<Choice>,
    reports: Vec<ListRow>,
    next: String,
    shown: String,
}

async fn list(_: May<SeeReports>, ui: Ui, lis: web::Data<Lis>, query: web::Query<Filter>) -> Answer {
    let (reports, more) = reports_of(&lis, &query).await?;
    let states = ReportState::ALL
        .iter()
        .map(|state| Choice {
            value: state.code().to_owned(),
            label: ui.t(&state.word()),
            chosen: state.code() == query.state,
        })
        .collect();
    let next = match reports.last() {
        Some((last, _)) if more => format!("/reports?state={}&after={}", query.state, last.id),
        _ => String::new(),
    };
    let shown = ui.t1("reports-shown", "count", reports.len());
    page(&ListPage { states, reports, next, shown, ui }, false)
}

/// One item as its reviewer sees it: the printed line, the reasoning, the raw values.
struct ItemView {
    facts: ItemFacts,
    printed: ReportItem,
    /// Of what is printed.
    language: String,
    verdict_code: String,
    verdict: String,
    state: String,
    reasoning: Vec<String>,
    evidence: Vec<Evidence>,
    /// Documents of instruments beside the values.
    documents: Vec<Document>,
}

/// A value that was typed long after it was made (`quality.md` Q75-1).
struct TypedLate {
    item: String,
    href: String,
    input: String,
    value: String,
    made: String,
    /// Who typed it, and when.
    typed: String,
    reason: String,
}

/// The values of items that were typed late, for who reviews and signs.
fn typed_late(items: &[ItemView], ui: &Ui) -> Vec<TypedLate> {
    let of_item = |item: &ItemView| {
        let late = |one: &Evidence| {
            let input = ui.t(&format!("input-{}", one.field.replace('_', "-")));
            Some(TypedLate {
                made: one.run_at?.to_string(),
                item: item.printed.name.clone(),
                href: format!("#item-{}", item.facts.id),
                input: format!("{} {input} {}", one.label_code, one.replicate),
                value: format!("{} {}", one.value, one.unit).trim().to_owned(),
                typed: format!("{} · {}", one.person.as_deref().unwrap_or_default(), one.at),
                reason: one.reason.clone(),
            })
        };
        item.evidence.iter().filter_map(late).collect::<Vec<_>>()
    };
    items.iter().flat_map(of_item).collect()
}

/// What a person can do with the report now.
#[derive(Default)]
struct Offer {
    /// `review` or `authorize`; empty: nothing to sign.
    act: &'static str,
    meaning: &'static str,
    sentence: String,
    /// Why not, with every reason.
    reasons: Vec<Said>,
    /// What a reason to go on is asked for.
    warnings: Vec<Said>,
    /// The grant is open: one button; else the signing password is asked for.
    open: bool,
    /// Items that the reviewer may send back: `ID:VERSION` and name.
    returnable: Vec<Choice>,
    can_send_back: bool,
    can_withdraw: bool,
    can_opine: bool,
}

/// What a person had typed into a form that came back.
#[derive(Default)]
struct Typed {
    item: String,
    confirmation: String,
    /// `None`: nothing was typed, the form holds what stands.
    opinion: Option<OpinionInput>,
}

#[derive(Template)]
#[template(path = "reports/pages/report.html")]
struct ReportPage {
    once: String,
    ui: Ui,
    report: ReportRow,
    sample: SampleFacts,
    items: Vec<ItemView>,
    late: Vec<TypedLate>,
    conclusion: String,
    conclusion_code: &'static str,
    reviewer: String,
    signatory: String,
    amends: Option<ReportRow>,
    successor: Option<ReportRow>,
    mails: Vec<MailRow>,
    confirmations: Vec<ConfirmationView>,
    opinion: Option<OpinionView>,
    typed_opinion: OpinionInput,
    offer: Offer,
    back: String,
    errors: FormErrors,
    typed: Typed,
}

/// Everything that the page shows, read in one snapshot.
struct Read {
    report: ReportRow,
    sample: SampleFacts,
    items: Vec<ItemFacts>,
    evidence: Vec<Evidence>,
    documents: Vec<Document>,
    names: std::collections::HashMap<crate::domain::ids::PersonId, String>,
    amends: Option<ReportRow>,
    successor: Option<ReportRow>,
    mails: Vec<MailRow>,
    confirmations: Vec<ConfirmationView>,
    opinion: Option<OpinionView>,
    can_opine: bool,
    refusal: Option<Refusal>,
    warnings: Vec<Reason>,
    scoped: Scoped,
    meaning: Option<Meaning>,
    open: bool,
    /// Lines of the table as they were authorized; empty before. Whatever happens to the results later, this report says
    /// what it said.
    fixed: Vec<ReportItem>,
}

fn read(conn: &mut Conn, lis: &Lis, who: &Actor, id: ReportId) -> Outcome<Read> {
    let signer = Signer { person: who.person, real: lis.clock.real(), today: lis.clock.now().date_in_china() };
    let to_sign = gathered::to_sign(conn, id, &signer)?.ok_or(NOT_FOUND)?;
    let report = &to_sign.report;
    let items = gathered::items_of(conn, &[report.sample_id])?;
    let ids: Vec<_> = items.iter().map(|item| item.id).collect();
    let people: Vec<_> = [report.reviewer_id, report.signatory_id].into_iter().flatten().collect();
    let meaning = match report.state() {
        ReportState::Compiling if May::<ReviewReports>::check(who).is_some() => Some(Meaning::Reviewed),
        // Before the review a signatory learns why he cannot authorize yet.
        ReportState::Compiling | ReportState::Reviewed if May::<AuthorizeReports>::check(who).is_some() => {
            Some(Meaning::Authorized)
        }
        _ => None,
    };
    let mut reasons = match meaning {
        Some(Meaning::Reviewed) => actions::review_reasons(report, &items, who.person),
        Some(_) => {
            let basis = document::basis_hash(report, &to_sign.sample, &items);
            let unchanged = to_sign.reviewed_hash.as_deref() == Some(basis.as_str());
            actions::authorize_reasons(report, &items, who.person, unchanged)
        }
        None => Reasons::new(),
    };
    let before = Before::read(conn, (who.person, signer.today), String::new())?;
    let scoped = before.scoped(&to_sign.sample, &items);
    let found = match meaning {
        Some(Meaning::Reviewed) => before.of_reviewer(who, &items),
        Some(_) => before.of_signatory(&to_sign.field, &items),
        None => Vec::new(),
    };
    let passage = before.passage(&to_sign.sample, &items, &scoped, found);
    reasons.extend(passage.blocks);
    let open = meaning.is_some_and(|meaning| to_sign.grant(meaning).is_some());
    let fixed = match report.state() {
        ReportState::Compiling | ReportState::Reviewed => Vec::new(),
        _ => serde_json::from_value(actions::fixed_document(conn, id)?["items"].take()).map_err(Fault::broken)?,
    };
    Ok(Read {
        fixed,
        evidence: evidence_of(conn, &ids)?,
        documents: bench::documents_of(conn, &ids)?,
        names: crate::accounts::actions::names_of(conn, &people)?,
        amends: report.amends_id.map(|old| store::report(conn, old)).transpose()?.flatten(),
        successor: store::successor(conn, id)?,
        mails: mail::about(conn, "report", id.0)?,
        confirmations: confirmations(conn, id)?,
        opinion: opinion_on(conn, &to_sign.report)?,
        can_opine: may_give(conn, who, &to_sign.report, &items, signer.today)?,
        refusal: reasons.none().err(),
        warnings: passage.warnings,
        scoped,
        meaning,
        open,
        items,
        report: to_sign.report,
        sample: to_sign.sample,
    })
}

async fn report(by: May<SeeReports>, ui: Ui, lis: web::Data<Lis>, id: web::Path<ReportId>) -> Answer {
    show(&by, ui, &lis, *id, None, Typed::default()).await
}

/// The page of a report; with a refusal it is the one that came back.
async fn show(who: &Actor, ui: Ui, lis: &Lis, id: ReportId, refusal: Option<Refusal>, typed: Typed) -> Answer {
    let (actor, inner) = (who.clone(), lis.clone());
    let read = lis.db.read(move |conn| read(conn, &inner, &actor, id)).await?;
    let errors = refusal.as_ref().map(|refusal| FormErrors::of(refusal, ui.language)).unwrap_or_default();
    let may_authorize = May::<AuthorizeReports>::check(who).is_some();
    let state = read.report.state();
    let may_return = state == ReportState::Compiling && May::<ReviewReports>::check(who).is_some();
    let mut offer = Offer {
        returnable: if may_return { returnable(&read.items, &ui) } else { Vec::new() },
        can_send_back: may_authorize && state == ReportState::Reviewed,
        can_withdraw: may_authorize && matches!(state, ReportState::Issued | ReportState::Amended),
        can_opine: read.can_opine,
        open: read.open,
        ..Offer::default()
    };
    if let Some(meaning) = read.meaning {
        offer.act = if meaning == Meaning::Reviewed { "review" } else { "authorize" };
        offer.meaning = meaning.code();
        offer.sentence = ui.t(&format!("signing-sentence-{}", meaning.code()));
        offer.warnings = Said::all(&read.warnings, ui.language);
        offer.reasons = read.refusal.map(|refusal| Said::all(&refusal.reasons, ui.language)).unwrap_or_default();
    }
    let verdicts: Vec<Verdict> = read.items.iter().map(|item| item.verdict).collect();
    let conclusion_code = match (read.report.conclusion.as_str(), conclude(&verdicts)) {
        ("pass", _) | ("", Conclusion::Pass) => "pass",
        ("fail", _) | ("", Conclusion::Fail) => "fail",
        ("", Conclusion::Open) => "review",
        _ => "not_judged",
    };
    let named = |id: Option<_>| id.and_then(|id| read.names.get(&id).cloned()).unwrap_or_default();
    let view_of = |item: ItemFacts| {
        let in_scope = read.scoped.covers(&item);
        let fixed = (read.fixed.as_slice(), read.report.language.as_str());
        item_view((item, in_scope), (&read.evidence, &read.documents), fixed, &ui)
    };
    let items: Vec<ItemView> = read.items.into_iter().map(view_of).collect();
    let view = ReportPage {
        once: ui.once(),
        late: typed_late(&items, &ui),
        items,
        conclusion: ui.t(&format!("report-conclusion-{}", conclusion_code.replace('_', "-"))),
        conclusion_code,
        reviewer: named(read.report.reviewer_id),
        signatory: named(read.report.signatory_id),
        back: format!("/reports/{id}"),
        sample: read.sample,
        amends: read.amends,
        successor: read.successor,
        mails: read.mails,
        confirmations: read.confirmations,
        opinion: read.opinion,
        typed_opinion: typed.opinion.clone().unwrap_or_else(|| OpinionInput::of(&read.report)),
        report: read.report,
        offer,
        errors,
        typed,
        ui,
    };
    page(&view, refusal.is_some())
}

/// The items that can be sent back as they stand.
fn returnable(items: &[ItemFacts], ui: &Ui) -> Vec<Choice> {
    let choice = |item: &ItemFacts| Choice {
        value: format!("{}:{}", item.id, item.version),
        label: format!("{} · {}", document::item_name(item, ui.language), item.method_standard),
        chosen: false,
    };
    items.iter().filter(|item| may_return(item)).map(choice).collect()
}

/// The line as it was authorized, in the report's language; before that as it would be now, in the reader's.
fn item_view(
    (facts, in_scope): (ItemFacts, bool),
    (evidence, documents): (&[Evidence], &[Document]),
    (fixed, language): (&[ReportItem], &str),
    ui: &Ui,
) -> ItemView {
    let authorized = fixed.iter().find(|line| line.name == facts.analyte_zh || line.name == facts.analyte_en);
    let as_now = || ReportItem { in_scope, ..printed_item(&facts, ui.language) };
    let printed = authorized.cloned().unwrap_or_else(as_now);
    let verdict_code = match authorized {
        Some(line) if line.failed => "fail".to_owned(),
        Some(line) if line.verdict.is_none() => "no_limit".to_owned(),
        Some(_) => "pass".to_owned(),
        None => facts.verdict.name().to_lowercase(),
    };
    ItemView {
        reasoning: printed.explain.clone(),
        language: authorized.map_or(ui.language.code(), |_| language).to_owned(),
        printed,
        verdict: ui.t(&format!("report-verdict-{}", verdict_code.replace('_', "-"))),
        state: ui.t(if facts.is_checked() { "report-item-checked" } else { "report-item-open" }),
        evidence: evidence.iter().filter(|entry| entry.item_id == Some(facts.id)).cloned().collect(),
        documents: documents.iter().filter(|document| document.item_id == facts.id).cloned().collect(),
        verdict_code,
        facts,
    }
}

/// The issued file: for the laboratory, and for whom the sample concerns. For everybody else there is no such report.
async fn pdf(by: SignedIn, lis: web::Data<Lis>, id: web::Path<ReportId>) -> Answer {
    if by.session.password_must_change {
        return Err(PASSWORD_MUST_CHANGE.into());
    }
    file(&lis, &by.actor, *id).await
}

/// Sends the issued file to a person who may see it.
pub async fn file(lis: &Lis, who: &Actor, id: ReportId) -> Answer {
    let actor = who.clone();
    let report = lis
        .db
        .read(move |conn| {
            let report = store::report(conn, id)?.ok_or(NOT_FOUND)?;
            let may =
                May::<SeeReports>::check(&actor).is_some() || concerned::concerns(conn, &actor, report.sample_id)?;
            if may && report.state().was_issued() { Ok(report) } else { Err(NOT_FOUND.into()) }
        })
        .await?;
    let sha256 = report.file_sha256.ok_or(NOT_FOUND)?;
    let files = lis.files.clone();
    let bytes = web::block(move || files.get(&sha256)).await.map_err(crate::domain::refusal::Fault::broken)?;
    let bytes = bytes.map_err(crate::domain::refusal::Fault::from)?;
    Ok(HttpResponse::Ok()
        .content_type("application/pdf")
        .insert_header(("Content-Disposition", format!("inline; filename=\"{}.pdf\"", report.report_no)))
        .body(bytes))
}
