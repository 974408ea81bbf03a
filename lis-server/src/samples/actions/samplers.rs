//! Who sampled, and whether the draw said so: samplers of the laboratory are people authorized to sample on that day (R11,
//! `records.md` 2); where another unit or another pair than the drawn one was sent, the form says why.

use std::collections::HashMap;

use chrono::NaiveDate;
use serde::Deserialize;

use super::super::form::{Doubt, SamplingForm};
use super::super::store;
use super::super::words::FormSource;
use super::super::{
    DRAW_SAMPLERS_DIFFER, DRAW_UNIT_DIFFERS, SAMPLER_NOT_AUTHORIZED, SAMPLER_UNKNOWN, WRITER_NOT_SAMPLER,
};
use crate::accounts::actions::people_with_role;
use crate::accounts::{Actor, Role};
use crate::db::Conn;
use crate::domain::clock::Moment;
use crate::domain::ids::{EnterpriseId, PersonId, SampleId};
use crate::domain::refusal::{FIELD_INVALID, Fault, Outcome, Reason};
use crate::spot_checks::actions::drawn;
use crate::testing::actions::Coverage;

/// The activity of an authorization that a sampler needs.
const SAMPLE: &str = "sample";

/// What a stored form says of the laboratory's people who sampled.
#[derive(Deserialize)]
struct Takers {
    #[serde(default)]
    sampler1_id: Option<PersonId>,
    #[serde(default)]
    sampler2_id: Option<PersonId>,
}

/// Which people of the laboratory took each of the samples: they do not test it (抽检分离, `workflow.md` 2). One query.
pub fn takers_of(conn: &mut Conn, samples: &[SampleId]) -> Outcome<HashMap<SampleId, Vec<PersonId>>> {
    let forms = store::forms_of(conn, samples)?.into_iter().map(|(sample, source, writer, document)| {
        let Takers { sampler1_id, sampler2_id } = serde_json::from_str(&document).map_err(Fault::broken)?;
        // Who writes a form on the spot is one of its samplers; forms of old name no other.
        let writer = (source == FormSource::OnSite.code()).then_some(writer);
        Ok((sample, [sampler1_id, sampler2_id, writer].into_iter().flatten().collect()))
    });
    forms.collect()
}

/// Who received each of the samples: who keeps and codes a sample does not test it (`workflow.md` 2). One query.
pub fn receivers_of(conn: &mut Conn, samples: &[SampleId]) -> Outcome<HashMap<SampleId, Vec<PersonId>>> {
    let mut receivers: HashMap<SampleId, Vec<PersonId>> = HashMap::new();
    for (sample, custodian) in store::receivers_of(conn, samples)? {
        receivers.entry(sample).or_default().push(custodian);
    }
    Ok(receivers)
}

/// The samplers of the laboratory and when each may sample.
pub(super) struct Samplers {
    people: Vec<(PersonId, String)>,
    coverage: Coverage,
}

/// Who bears a name.
enum Bearer {
    /// One who was authorized; `None`: several are, and which of them it was is not known.
    Authorized(Option<PersonId>),
    NotAuthorized,
    Nobody,
}

impl Samplers {
    /// Two queries.
    pub fn read(conn: &mut Conn, today: NaiveDate) -> Outcome<Self> {
        Ok(Self { people: people_with_role(conn, Role::Sampler)?, coverage: Coverage::of_all(conn, SAMPLE, today)? })
    }

    /// Who a name means on the day of a sampling. Of several the one who writes is meant.
    fn bearer(&self, name: &str, on: NaiveDate, writer: Option<PersonId>) -> Bearer {
        let named: Vec<PersonId> = self.people.iter().filter(|(_, own)| own == name).map(|(id, _)| *id).collect();
        if named.is_empty() {
            return Bearer::Nobody;
        }
        let authorized: Vec<PersonId> = named.into_iter().filter(|id| self.coverage.covers(*id, on)).collect();
        match authorized.as_slice() {
            [] => Bearer::NotAuthorized,
            [one] => Bearer::Authorized(Some(*one)),
            several => Bearer::Authorized(writer.filter(|writer| several.contains(writer))),
        }
    }

    /// Finds the two samplers of a form written on the spot, one of whom writes it.
    pub fn of_writer(&self, form: &mut SamplingForm, by: &Actor) -> Vec<Reason> {
        let Some(on) = form.sampled_at.map(Moment::date_in_china) else { return Vec::new() };
        let mut reasons = Vec::new();
        let mut find = |field: &'static str, name: &str| match self.bearer(name, on, Some(by.person)) {
            Bearer::Authorized(id) => id,
            Bearer::NotAuthorized => {
                reasons.push(SAMPLER_NOT_AUTHORIZED.with("name", name).with("date", on).at(field));
                None
            }
            Bearer::Nobody => {
                reasons.push(SAMPLER_UNKNOWN.with("name", name).at(field));
                None
            }
        };
        form.sampler1_id = find("sampler1", &form.sampler1);
        form.sampler2_id = find("sampler2", &form.sampler2);
        let is_one = [form.sampler1_id, form.sampler2_id].contains(&Some(by.person));
        if reasons.is_empty() && !is_one {
            reasons.push(WRITER_NOT_SAMPLER.with("name", &by.name).at("sampler1"));
        }
        reasons
    }

    /// Finds the samplers of a form of another system, as far as they are people of this laboratory. Another body samples as
    /// well, so what is missing is a doubt and no refusal.
    pub fn of_import(&self, form: &mut SamplingForm) {
        let Some(on) = form.sampled_at.map(Moment::date_in_china) else { return };
        let mut doubts = Vec::new();
        let mut find = |name: &str| match self.bearer(name, on, None) {
            Bearer::Authorized(id) => id,
            Bearer::NotAuthorized => {
                doubts.push(Doubt::SamplerNotAuthorized { name: name.to_owned(), sampled: on });
                None
            }
            Bearer::Nobody => {
                doubts.push(Doubt::SamplerUnknown { name: name.to_owned() });
                None
            }
        };
        form.sampler1_id = find(&form.sampler1);
        form.sampler2_id = find(&form.sampler2);
        form.doubts.extend(doubts);
    }
}

/// What a form leaves unexplained of its draw: a unit that was not drawn, samplers who were not. Three queries, none without
/// a draw.
pub(super) fn beside_the_draw(
    conn: &mut Conn,
    form: &SamplingForm,
    unit: Option<EnterpriseId>,
) -> Outcome<Vec<Reason>> {
    let Some(id) = form.draw_id else { return Ok(Vec::new()) };
    let Some(draw) = drawn(conn, id, unit)? else {
        return Ok(vec![FIELD_INVALID.at("draw_id").with_word("expected", "expected-drawn")]);
    };
    if !form.draw_deviation.is_empty() {
        return Ok(Vec::new());
    }
    let mut reasons = Vec::new();
    if !draw.has_unit {
        let reason = DRAW_UNIT_DIFFERS.with("unit", &form.unit_name).with("draw", &draw.draw_no);
        reasons.push(reason.at("draw_deviation"));
    }
    // Venues of a plan are drawn without samplers.
    let sent = [form.sampler1_id, form.sampler2_id];
    let all_drawn = sent.iter().all(|one| one.is_some_and(|one| draw.samplers.contains(&one)));
    if !draw.samplers.is_empty() && !all_drawn {
        reasons.push(DRAW_SAMPLERS_DIFFER.with("draw", &draw.draw_no).at("draw_deviation"));
    }
    Ok(reasons)
}
