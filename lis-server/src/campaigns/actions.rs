//! What is done to a campaign: set up, open, collect, reject, close.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::questionnaire::{Answers, Frame, QuestionInput, Questionnaire, checked};
use super::state::{CampaignEvent, CampaignState};
use super::store::{self, CampaignChange, CampaignRow, NewCampaign, NewResponse};
use super::tally::{self, Counted, Counts, Tally};
use super::validity::{self, Given, Invalid, Rejection, Window};
use super::{CAMPAIGN_WINDOW_EMPTY, CAMPAIGN_WRONG_STATE, RESPONSE_INVALID_ALREADY, tickets};
use crate::accounts::actions::unknown_regions;
use crate::accounts::role::RunCampaigns;
use crate::accounts::{Actor, May};
use crate::audit::canonical::canonical;
use crate::audit::personal::Sealer;
use crate::db::{Conn, Tx};
use crate::domain::clock::Moment;
use crate::domain::hash::sha256_of;
use crate::domain::identifiers::RegionCode;
use crate::domain::ids::{CampaignId, ResponseId};
use crate::domain::input::Checker;
use crate::domain::refusal::{FIELD_INVALID, Fault, NOT_FOUND, Outcome, Reasons, Refusal, STALE_VERSION};

/// Longest title, in characters: a headline on a telephone.
const TITLE_MOST: usize = 80;

/// A campaign as a form or a program describes it. Times as typed in China, or RFC 3339.
#[derive(Clone, Debug, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct CampaignInput {
    pub title_zh: String,
    pub title_en: String,
    pub region_code: String,
    pub opens_at: String,
    pub closes_at: String,
    /// Seconds below which nobody has read the questions.
    pub min_seconds: i64,
    /// `once` or `daily`.
    pub repeat: String,
    pub privacy_zh: String,
    pub privacy_en: String,
    pub questions: Vec<QuestionInput>,
}

/// The same, checked.
#[derive(Clone, Debug)]
pub struct CampaignFacts {
    pub title_zh: String,
    pub title_en: String,
    pub region: RegionCode,
    pub opens_at: Moment,
    pub closes_at: Moment,
    pub questionnaire: Questionnaire,
}

impl CampaignInput {
    /// # Errors
    /// Every field that is wrong, by name.
    pub fn checked(&self) -> Result<CampaignFacts, Refusal> {
        let mut check = Checker::new();
        let title_zh = check.text("title_zh", &self.title_zh, TITLE_MOST);
        let title_en = check.optional_text("title_en", &self.title_en, TITLE_MOST);
        let region =
            check.parsed("region_code", &self.region_code, "expected-region", |text| RegionCode::parse(text).ok());
        let opens_at = check.moment("opens_at", &self.opens_at);
        let closes_at = check.moment("closes_at", &self.closes_at);
        check.add_if(opens_at.zip(closes_at).is_some_and(|(from, to)| to <= from), || {
            CAMPAIGN_WINDOW_EMPTY.at("closes_at")
        });
        let frame = Frame {
            min_seconds: self.min_seconds,
            repeat: &self.repeat,
            privacy_zh: &self.privacy_zh,
            privacy_en: &self.privacy_en,
        };
        let questionnaire = checked(&mut check, &frame, &self.questions);
        let times = opens_at.zip(closes_at);
        check.done(region.zip(times).map(|(region, (opens_at, closes_at))| CampaignFacts {
            title_zh,
            title_en,
            region,
            opens_at,
            closes_at,
            questionnaire,
        }))
    }
}

/// What a change of a campaign answers.
#[derive(Clone, Debug, Serialize, Deserialize, utoipa::ToSchema)]
pub struct CampaignSaved {
    pub id: i64,
    pub version: i64,
}

/// Whose key seals the voters of a campaign: destroying it makes their hashes meaningless.
fn subject(id: CampaignId) -> String {
    format!("campaign:{id}")
}

/// Sets up a campaign in draft.
pub fn create(tx: &mut Tx, by: &May<RunCampaigns>, facts: &CampaignFacts) -> Outcome<CampaignSaved> {
    require_region(tx, facts)?;
    let questionnaire = stored(&facts.questionnaire)?;
    let id = store::insert(
        tx.conn,
        &NewCampaign {
            version: 1,
            title_zh: &facts.title_zh,
            title_en: &facts.title_en,
            region_code: facts.region.as_str(),
            state: CampaignState::Draft.code(),
            opens_at: facts.opens_at,
            closes_at: facts.closes_at,
            questionnaire: &questionnaire,
            created_by: by.person,
            created_at: tx.now,
        },
    )?;
    Sealer::create(tx, &subject(id))?;
    tx.log(
        by.entry("campaign", id.0, 1, "campaign-created")
            .set("title_zh", facts.title_zh.as_str())
            .set("region_code", facts.region.as_str())
            .set("opens_at", facts.opens_at.rfc3339())
            .set("closes_at", facts.closes_at.rfc3339())
            .set("questionnaire_sha256", sha256_of(questionnaire.as_bytes())),
    );
    Ok(CampaignSaved { id: id.0, version: 1 })
}

/// Changes a campaign while it is a draft.
pub fn change(
    tx: &mut Tx,
    by: &May<RunCampaigns>,
    id: CampaignId,
    seen: i64,
    facts: &CampaignFacts,
) -> Outcome<CampaignSaved> {
    let row = store::campaign(tx.conn, id)?.ok_or(NOT_FOUND)?;
    next_state(&row, CampaignEvent::Change)?;
    require_region(tx, facts)?;
    let questionnaire = stored(&facts.questionnaire)?;
    let change = CampaignChange {
        title_zh: &facts.title_zh,
        title_en: &facts.title_en,
        region_code: facts.region.as_str(),
        opens_at: facts.opens_at,
        closes_at: facts.closes_at,
        questionnaire: &questionnaire,
    };
    require_seen(store::change(tx.conn, id, seen, &change)?, &row)?;
    tx.log(
        by.entry("campaign", id.0, seen + 1, "campaign-changed")
            .change("title_zh", row.title_zh.as_str(), facts.title_zh.as_str())
            .change("region_code", row.region_code.as_str(), facts.region.as_str())
            .change("opens_at", row.opens_at.rfc3339(), facts.opens_at.rfc3339())
            .change("closes_at", row.closes_at.rfc3339(), facts.closes_at.rfc3339())
            .change(
                "questionnaire_sha256",
                sha256_of(row.questionnaire.as_bytes()),
                sha256_of(questionnaire.as_bytes()),
            ),
    );
    Ok(CampaignSaved { id: id.0, version: seen + 1 })
}

fn require_region(tx: &mut Tx, facts: &CampaignFacts) -> Outcome<()> {
    let mut reasons = Reasons::new();
    reasons.extend(unknown_regions(tx.conn, &[("region_code", &facts.region)])?);
    Ok(reasons.none()?)
}

fn stored(form: &Questionnaire) -> Outcome<String> {
    Ok(canonical(&serde_json::to_value(form).map_err(Fault::broken)?))
}

/// Shows the questionnaire to the public; from now on it is fixed.
pub fn open(tx: &mut Tx, by: &May<RunCampaigns>, id: CampaignId, seen: i64) -> Outcome<CampaignSaved> {
    let row = store::campaign(tx.conn, id)?.ok_or(NOT_FOUND)?;
    let next = next_state(&row, CampaignEvent::Open)?;
    require_seen(store::set_state(tx.conn, id, seen, next.code())?, &row)?;
    tx.log(by.entry("campaign", id.0, seen + 1, "campaign-opened").change("state", row.state, next.code()));
    Ok(CampaignSaved { id: id.0, version: seen + 1 })
}

/// What closing answers.
#[derive(Clone, Debug, Serialize, Deserialize, utoipa::ToSchema)]
pub struct CampaignClosed {
    pub id: i64,
    pub version: i64,
    pub counts: Counts,
    pub tally_hash: String,
}

/// Counts and freezes the tally.
pub fn close(tx: &mut Tx, by: &May<RunCampaigns>, id: CampaignId, seen: i64) -> Outcome<CampaignClosed> {
    let row = store::lock_campaign(tx.conn, id)?.ok_or(NOT_FOUND)?;
    let next = next_state(&row, CampaignEvent::Close)?;
    require_seen(store::set_state(tx.conn, id, seen, next.code())?, &row)?;
    let tally = counted_now(tx, &row)?;
    let (text, hash) = tally::frozen(&tally)?;
    store::freeze(tx.conn, id, &text, &hash)?;
    tx.log(
        by.entry("campaign", id.0, seen + 1, "campaign-closed")
            .change("state", row.state, next.code())
            .set("received", tally.counts.received)
            .set("valid", tally.counts.valid)
            .set("invalid", tally.counts.invalid)
            .set("tally_sha256", hash.as_str()),
    );
    Ok(CampaignClosed { id: id.0, version: seen + 1, counts: tally.counts, tally_hash: hash })
}

fn counted_now(tx: &mut Tx, row: &CampaignRow) -> Outcome<Tally> {
    let form = questionnaire(row)?;
    let counted = store::all_responses(tx.conn, row.id)?
        .into_iter()
        .map(|(response, rejection)| {
            let first = response.invalid_reason.split(' ').next().filter(|code| !code.is_empty());
            Ok(Counted {
                answers: serde_json::from_str(&response.answers).map_err(Fault::broken)?,
                invalid: first.map(str::to_owned).or(rejection),
                voter: response.voter_hash,
            })
        })
        .collect::<Outcome<Vec<Counted>>>()?;
    Ok(tally::tally(row.id.0, tx.now, &form, &counted))
}

/// The questionnaire of a campaign.
pub fn questionnaire(row: &CampaignRow) -> Outcome<Questionnaire> {
    serde_json::from_str(&row.questionnaire).map_err(Fault::broken)
}

/// The frozen tally; `None` before closing.
pub fn frozen_tally(row: &CampaignRow) -> Outcome<Option<Tally>> {
    row.tally.as_deref().map(serde_json::from_str).transpose().map_err(Fault::broken)
}

pub(super) fn next_state(row: &CampaignRow, event: CampaignEvent) -> Outcome<CampaignState> {
    let state = state_of(row)?;
    state.after(event).ok_or_else(|| CAMPAIGN_WRONG_STATE.reason().with_word("state", state.word()).into())
}

pub fn state_of(row: &CampaignRow) -> Outcome<CampaignState> {
    CampaignState::parse(&row.state).ok_or_else(|| Fault::broken(format!("campaign {} in state {}", row.id, row.state)))
}

fn require_seen(changed: bool, current: &CampaignRow) -> Outcome<()> {
    if changed {
        return Ok(());
    }
    let refusal = Refusal::from(STALE_VERSION.with("version", current.version));
    let current = json!({"id": current.id, "version": current.version, "state": current.state});
    Err(refusal.with_current(current).into())
}

/// Who votes. A telephone is only kept as a keyed hash.
#[derive(Clone, Debug)]
pub enum Voter {
    Telephone(String),
    Account(i64),
    /// Left empty: the answer is kept and does not count.
    Unknown,
}

/// Digits of a telephone number: 11 for a mobile, fewer for a fixed line, more with a country code.
const PHONE_DIGITS: std::ops::RangeInclusive<usize> = 7..=15;

impl Voter {
    /// A telephone as typed: blanks, hyphens and the country code of China do not make another voter.
    pub fn telephone(typed: &str) -> Self {
        let code = crate::domain::text::code(typed);
        let digits: String = code.chars().filter(char::is_ascii_digit).collect();
        let other = code.chars().any(|c| !c.is_ascii_digit() && !matches!(c, ' ' | '-' | '+' | '(' | ')'));
        let digits = match digits.strip_prefix("86") {
            Some(rest) if digits.len() == 13 => rest.to_owned(),
            _ => digits,
        };
        if other || !PHONE_DIGITS.contains(&digits.len()) { Self::Unknown } else { Self::Telephone(digits) }
    }

    fn hash(&self, sealer: &Sealer) -> String {
        match self {
            Self::Telephone(digits) => sealer.fingerprint(&format!("telephone:{digits}")),
            Self::Account(person) => sealer.fingerprint(&format!("person:{person}")),
            Self::Unknown => String::new(),
        }
    }
}

/// One answer as it came.
#[derive(Clone, Debug)]
pub struct Response {
    /// Made by the client: the same answer sent again changes nothing.
    pub client_uuid: String,
    pub voter: Voter,
    pub answers: Answers,
    pub started: Started,
}

/// Since when somebody was answering.
#[derive(Clone, Debug)]
pub enum Started {
    /// The sealed time that the questionnaire was shown with.
    Ticket(String),
    /// Seconds, as noted on a paper questionnaire.
    SecondsTaken(i64),
}

/// What became of an answer.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(as = ResponseReceived)]
pub struct Received {
    pub client_uuid: String,
    pub valid: bool,
    /// Codes of all reasons why it does not count.
    pub reasons: Vec<String>,
    /// The same answer came before; nothing was changed.
    pub repeated: bool,
}

pub(super) fn sealer(conn: &mut Conn, id: CampaignId) -> Outcome<Sealer> {
    Sealer::load(conn, &subject(id))?.ok_or_else(|| Fault::broken(format!("the key of campaign {id} is gone")))
}

/// Takes answers in. Every one is kept; those that do not count carry all their reasons. A draft takes none: it is not
/// known outside.
pub fn receive(tx: &mut Tx, by: &Actor, id: CampaignId, responses: &[Response]) -> Outcome<Vec<Received>> {
    let row = store::lock_campaign(tx.conn, id)?.ok_or(NOT_FOUND)?;
    let state = state_of(&row)?;
    if state == CampaignState::Draft {
        return Err(NOT_FOUND.into());
    }
    validity::require_bounded(responses.iter().map(|response| &response.answers))?;
    let form = questionnaire(&row)?;
    let window = Window { opens_at: row.opens_at, closes_at: row.closes_at, is_open: state == CampaignState::Open };
    let sealer = sealer(tx.conn, id)?;
    let mut known = known_answers(tx, id, responses)?;
    let voters: Vec<String> = responses.iter().map(|response| response.voter.hash(&sealer)).collect();
    let mut votes: HashMap<String, Vec<Moment>> = HashMap::new();
    for (voter, at) in store::earlier_votes(tx.conn, id, &voters)? {
        votes.entry(voter).or_default().push(at);
    }
    let mut rows = Vec::new();
    let mut received = Vec::with_capacity(responses.len());
    for (response, voter) in responses.iter().zip(voters) {
        if let Some(reasons) = known.get(&response.client_uuid) {
            received.push(answer(&response.client_uuid, reasons, true));
            continue;
        }
        let seconds_taken = tickets::seconds_taken(&sealer, &response.started, tx.now)?;
        let ticket_hash = tickets::fresh(tx.conn, &response.started)?;
        let given = Given { answers: &response.answers, voter: &voter, seconds_taken, received_at: tx.now };
        let earlier = votes.entry(voter.clone()).or_default();
        let found = validity::reasons(&form, window, &given, earlier);
        if found.is_empty() {
            earlier.push(tx.now);
        }
        let reasons = found.iter().map(|reason| reason.code()).collect::<Vec<_>>().join(" ");
        received.push(answer(&response.client_uuid, &reasons, false));
        known.insert(response.client_uuid.clone(), reasons.clone());
        rows.push(NewResponse {
            campaign_id: id,
            client_uuid: response.client_uuid.clone(),
            voter_hash: voter,
            answers: canonical(&json!(response.answers)),
            seconds_taken,
            received_at: tx.now,
            invalid_reason: reasons,
            ticket_hash,
        });
    }
    if !rows.is_empty() {
        store::insert_responses(tx.conn, &rows)?;
        log_received(tx, by, &row, &rows);
    }
    Ok(received)
}

/// The reasons of answers that came before, by client UUID. One that came for another campaign is somebody's mistake.
fn known_answers(tx: &mut Tx, id: CampaignId, responses: &[Response]) -> Outcome<HashMap<String, String>> {
    let uuids: Vec<String> = responses.iter().map(|response| response.client_uuid.clone()).collect();
    let mut known = HashMap::new();
    for (uuid, campaign, reasons) in store::known_responses(tx.conn, &uuids)? {
        if campaign != id {
            return Err(FIELD_INVALID.at("client_uuid").with_word("expected", "expected-uuid").into());
        }
        known.insert(uuid, reasons);
    }
    Ok(known)
}

fn answer(uuid: &str, reasons: &str, repeated: bool) -> Received {
    let reasons: Vec<String> = reasons.split(' ').filter(|code| !code.is_empty()).map(str::to_owned).collect();
    Received { client_uuid: uuid.to_owned(), valid: reasons.is_empty(), reasons, repeated }
}

/// Whether answers are taken at a moment; what comes at another time is kept as invalid.
pub fn is_running(row: &CampaignRow, state: CampaignState, now: Moment) -> bool {
    state == CampaignState::Open && row.opens_at <= now && now <= row.closes_at
}

/// One entry for what came together, with a hash over the rows as stored: a later change of one would show.
fn log_received(tx: &mut Tx, by: &Actor, row: &CampaignRow, rows: &[NewResponse]) {
    let count = |valid: bool| rows.iter().filter(|row| row.invalid_reason.is_empty() == valid).count();
    tx.log(
        by.entry("campaign", row.id.0, row.version, "responses-received")
            .set("received", rows.len())
            .set("valid", count(true))
            .set("invalid", count(false))
            .set("sha256", sha256_of(canonical(&json!(rows)).as_bytes())),
    );
}

/// A person finds a valid answer invalid; the answer stays as it came.
pub fn reject(
    tx: &mut Tx,
    by: &May<RunCampaigns>,
    id: CampaignId,
    response: ResponseId,
    reason: Rejection,
) -> Outcome<CampaignSaved> {
    let row = store::lock_campaign(tx.conn, id)?.ok_or(NOT_FOUND)?;
    let (answer, rejected) =
        store::response(tx.conn, response)?.filter(|(answer, _)| answer.campaign_id == id).ok_or(NOT_FOUND)?;
    next_state(&row, CampaignEvent::Reject)?;
    if !answer.invalid_reason.is_empty() || rejected.is_some() {
        return Err(RESPONSE_INVALID_ALREADY.into());
    }
    store::insert_rejection(tx.conn, response, reason.code(), by.person, tx.now)?;
    tx.log(by.entry("campaign_response", response.0, 1, "response-rejected").set("reason", reason.code()));
    Ok(CampaignSaved { id: id.0, version: row.version })
}

/// How many answers came and count as of now: the live figures; the frozen ones stand in the tally.
pub fn counts(conn: &mut Conn, id: CampaignId) -> Outcome<Counts> {
    let (came, rejected, voters) = store::counts(conn, id)?;
    let mut counts = Counts { voters, ..Counts::default() };
    for (reasons, number) in came {
        counts.received += number;
        if let Some(first) = reasons.split(' ').next().filter(|code| !code.is_empty()) {
            counts.invalid += number;
            *counts.reasons.entry(first.to_owned()).or_default() += number;
        }
    }
    for (reason, number) in rejected {
        counts.invalid += number;
        *counts.reasons.entry(reason).or_default() += number;
    }
    counts.valid = counts.received - counts.invalid;
    Ok(counts)
}

/// The message key of a reason, whichever kind it is of.
pub fn reason_word(code: &str) -> String {
    Invalid::parse(code)
        .map(Invalid::word)
        .or_else(|| Rejection::parse(code).map(Rejection::word))
        .unwrap_or_else(|| code.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_telephone_is_one_voter_however_it_is_typed() {
        let digits = |typed: &str| match Voter::telephone(typed) {
            Voter::Telephone(digits) => digits,
            Voter::Account(_) | Voter::Unknown => String::new(),
        };
        assert_eq!(digits("138 0000 0000"), "13800000000");
        assert_eq!(digits("+86 138-0000-0000"), "13800000000");
        assert_eq!(digits("１３８００００００００"), "13800000000");
        assert_eq!(digits("0316-2345678"), "03162345678");
        assert_eq!(digits("12345"), "");
        assert_eq!(digits("call me"), "");
    }
}
