//! An instrument with its whole file as pages and programs see it: what it is, its statuses, its calibrations and checks, what
//! was done to it.

use chrono::NaiveDate;
use serde::Serialize;

use super::actions::of_rows;
use super::store::{self, FileRow, RecordLine, StatusRow, UpkeepRow};
use crate::accounts::actions::names_of;
use crate::db::Conn;
use crate::domain::clock::Moment;
use crate::domain::ids::{CalibrationId, InstrumentId, PersonId};
use crate::domain::refusal::{NOT_FOUND, Outcome};
use crate::instruments::link_settings::{self, LinkSettingsView};

/// An instrument with its history as pages and programs see it.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct EquipmentView {
    pub id: i64,
    pub version: i64,
    pub code: String,
    pub name: String,
    pub maker: String,
    pub model: String,
    pub serial_no: String,
    /// Name and version of its software or firmware.
    pub software: String,
    pub location: String,
    /// Number and place of its manual.
    pub manual: String,
    pub status: String,
    /// What a limited instrument may be used for today.
    pub allowed_methods: String,
    #[schema(value_type = Option<String>, format = Date)]
    pub calibrated_until: Option<NaiveDate>,
    /// The smallest weight that the balance may weigh, in gram; empty: no bound.
    pub minimum_weight_g: String,
    /// Newest first.
    pub statuses: Vec<StatusView>,
    /// Newest first.
    pub calibrations: Vec<CalibrationView>,
    /// Acceptance, maintenance, repair, return to service; newest first.
    pub upkeep: Vec<UpkeepView>,
    /// How its ports were set up, as its agents said; newest first.
    pub link_settings: Vec<LinkSettingsView>,
}

/// Something that was done to an instrument.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct UpkeepView {
    /// acceptance, maintenance, repair, return
    pub kind: String,
    #[schema(value_type = String, format = Date)]
    pub performed_on: NaiveDate,
    pub performed_by: String,
    pub what: String,
    /// Of a return to service: id of the calibration or check that showed the instrument to be good.
    pub calibration: Option<i64>,
    /// Who wrote it down.
    pub by: String,
    #[schema(value_type = String, format = DateTime)]
    pub at: Moment,
}

#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct StatusView {
    pub status: String,
    pub allowed_methods: String,
    #[schema(value_type = String, format = Date)]
    pub valid_from: NaiveDate,
    pub reason: String,
    pub by: String,
    #[schema(value_type = String, format = DateTime)]
    pub at: Moment,
}

#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct CalibrationView {
    pub id: i64,
    pub kind: String,
    pub certificate_no: String,
    pub performed_by: String,
    #[schema(value_type = String, format = Date)]
    pub performed_on: NaiveDate,
    #[schema(value_type = Option<String>, format = Date)]
    pub next_due: Option<NaiveDate>,
    pub result: String,
    /// As on the certificate; empty: none.
    pub correction: String,
    pub correction_unit: String,
    /// add, times: it is applied to every reading; empty: it is kept.
    pub applies: String,
    pub remark: String,
    /// SHA-256 of the certificate's file; empty: there is none.
    pub file_sha256: String,
    pub file_name: String,
    /// Whether it meets the need (metrological confirmation); null: nobody has said yet.
    pub confirmed: Option<bool>,
    /// What the work needs.
    pub need: String,
    pub confirmed_by: String,
    #[schema(value_type = Option<String>, format = DateTime)]
    pub confirmed_at: Option<Moment>,
    /// Who wrote it down; empty: it came from a spreadsheet.
    pub by: String,
    #[schema(value_type = String, format = DateTime)]
    pub at: Moment,
}

impl CalibrationView {
    /// Somebody held it against the need, and it meets it.
    pub fn is_confirmed(&self) -> bool {
        self.confirmed == Some(true)
    }
}

/// One instrument with its history, on a day.
pub fn history(conn: &mut Conn, id: InstrumentId, on: NaiveDate) -> Outcome<EquipmentView> {
    let row = store::instruments(conn, &[id], &[])?.pop().ok_or(NOT_FOUND)?;
    let (statuses, records) = (store::statuses(conn, &[id])?, store::records(conn, &[id])?);
    let upkeep = store::upkeep(conn, id)?;
    let link_settings = link_settings::history(conn, &row.code)?;
    let mut people: Vec<PersonId> = statuses.iter().map(|one| one.person_id).collect();
    people.extend(upkeep.iter().map(|one| one.person_id));
    people.extend(records.iter().filter_map(|(one, _)| one.person_id));
    people.extend(records.iter().filter_map(|(_, said)| Some(said.as_ref()?.person_id)));
    let files = store::files(conn, &records.iter().map(|(one, _)| one.id).collect::<Vec<_>>())?;
    let file_of = |id: CalibrationId| files.iter().rfind(|file| file.calibration_id == id);
    let names = names_of(conn, &people)?;
    let name = |id: PersonId| names.get(&id).cloned().unwrap_or_default();
    let known = of_rows(row.clone(), &statuses, &records);
    let (status, allowed) = known.status_on(on);
    let (status, allowed_methods) = (status.to_owned(), allowed.to_owned());
    let status_view = |one: StatusRow| StatusView {
        by: name(one.person_id),
        status: one.status,
        allowed_methods: one.allowed_methods,
        valid_from: one.valid_from,
        reason: one.reason,
        at: one.at,
    };
    let calibration_view = |(one, said): RecordLine| {
        let (sha256, file_name) = file_of(one.id).map(named_file).unwrap_or_default();
        CalibrationView {
            id: one.id.0,
            by: one.person_id.map(name).unwrap_or_default(),
            kind: one.kind,
            certificate_no: one.certificate_no,
            performed_by: one.performed_by,
            performed_on: one.performed_on,
            next_due: one.next_due,
            result: one.result,
            correction: one.correction.unwrap_or_default(),
            correction_unit: one.correction_unit,
            applies: one.applies,
            remark: one.remark,
            file_sha256: sha256,
            file_name,
            confirmed: said.as_ref().map(|said| said.confirmed),
            confirmed_by: said.as_ref().map(|said| name(said.person_id)).unwrap_or_default(),
            confirmed_at: said.as_ref().map(|said| said.at),
            need: said.map(|said| said.need).unwrap_or_default(),
            at: one.at,
        }
    };
    let upkeep_view = |one: UpkeepRow| UpkeepView {
        by: name(one.person_id),
        kind: one.kind,
        performed_on: one.performed_on,
        performed_by: one.performed_by,
        what: one.what,
        calibration: one.calibration_id.map(|id| id.0),
        at: one.at,
    };
    Ok(EquipmentView {
        id: row.id.0,
        version: row.version,
        code: row.code,
        name: row.name,
        maker: row.maker,
        model: row.model,
        serial_no: row.serial_no,
        software: row.software,
        location: row.location,
        manual: row.manual,
        status,
        allowed_methods,
        calibrated_until: row.calibrated_until,
        minimum_weight_g: row.minimum_weight_g.unwrap_or_default(),
        statuses: statuses.into_iter().rev().map(status_view).collect(),
        calibrations: records.into_iter().rev().map(calibration_view).collect(),
        upkeep: upkeep.into_iter().rev().map(upkeep_view).collect(),
        link_settings,
    })
}

fn named_file(file: &FileRow) -> (String, String) {
    (file.sha256.clone(), file.file_name.clone())
}
