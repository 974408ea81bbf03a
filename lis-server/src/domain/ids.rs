//! One type per kind of id: a result filed under the wrong sample is the worst bug there is, so the compiler keeps
//! them apart. All are 64-bit keys of one table each.

use std::fmt;

use diesel::backend::Backend;
use diesel::deserialize::{self, FromSql, FromSqlRow};
use diesel::expression::AsExpression;
use diesel::serialize::{self, Output, ToSql};
use diesel::sql_types::BigInt;
use serde::{Deserialize, Serialize};

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize, AsExpression, FromSqlRow)]
        #[diesel(sql_type = BigInt)]
        #[serde(transparent)]
        pub struct $name(pub i64);

        impl utoipa::PartialSchema for $name {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
                i64::schema()
            }
        }

        impl utoipa::ToSchema for $name {}

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl std::str::FromStr for $name {
            type Err = std::num::ParseIntError;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                text.parse().map(Self)
            }
        }

        impl<DB: Backend> ToSql<BigInt, DB> for $name
        where
            i64: ToSql<BigInt, DB>,
        {
            fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, DB>) -> serialize::Result {
                self.0.to_sql(out)
            }
        }

        impl<DB: Backend> FromSql<BigInt, DB> for $name
        where
            i64: FromSql<BigInt, DB>,
        {
            fn from_sql(bytes: DB::RawValue<'_>) -> deserialize::Result<Self> {
                i64::from_sql(bytes).map(Self)
            }
        }
    )*};
}

ids! {
    /// A line of the log, before it has a position.
    EntryId,
    PersonId,
    SessionId,
    TokenId,
    GrantId,
    EnterpriseId,
    CatalogueSetId,
    CampaignId,
    ResponseId,
    PlanId,
    PlanLineId,
    DrawId,
    ImportId,
    FormId,
    /// A photograph or diagram of a sampling form.
    PictureId,
    SampleId,
    PartId,
    ReceiptId,
    InstrumentId,
    /// A calibration or an intermediate check.
    CalibrationId,
    /// One version of a profile of the laboratory's own.
    ProfileId,
    /// How the ports of an instrument were set up from a moment on.
    LinkSettingsId,
    /// A worksheet that was sent to its instrument.
    DispatchId,
    MessageId,
    ObservationId,
    AuthorizationId,
    WorksheetId,
    ItemId,
    PositionId,
    ResultEntryId,
    ResultId,
    QcVerdictId,
    SubcontractorId,
    SubcontractId,
    SubcontractConsentId,
    SignatureId,
    ReportId,
    WorkId,
    LotId,
    SupplierId,
    /// One analyte of a round of a proficiency test.
    RoundId,
    /// A comparison between persons, methods or laboratories.
    ComparisonId,
    ComplaintId,
    /// A line of the accredited scope.
    ScopeId,
    RoomId,
    /// Limits of a room from a day on.
    RoomLimitsId,
    RoomReadingId,
    /// A time in which a room lay outside its limits.
    ExcursionId,
    CompetenceRecordId,
    /// A verification of a method by the laboratory.
    MethodVerificationId,
    /// One edition of a controlled document.
    ControlledDocumentId,
    /// A validation file put to the program once.
    ValidationRunId,
    /// A validation of the program, signed.
    ProgramValidationId,
    /// Something that the program looked at by itself once.
    UpkeepRunId,
    UpkeepActionId,
    /// A transfer from an instrument that a person compared with the raw record.
    TransferCheckId,
    MailId,
    JobId,
    CaseId,
    CaseEventId,
    ApplicationId,
}
