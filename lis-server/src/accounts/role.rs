//! Roles (`workflow.md` 2) and what each may do. The table at the end is the whole of it: a permission that no line
//! names belongs to nobody.

use std::fmt;
use std::marker::PhantomData;
use std::ops::Deref;

use super::actor::Actor;

macro_rules! roles {
    ($($name:ident = $code:literal),* $(,)?) => {
        /// What a person is in the laboratory, or outside it.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        pub enum Role { $($name),* }

        impl Role {
            pub const ALL: &[Role] = &[$(Role::$name),*];

            pub fn code(self) -> &'static str {
                match self { $(Self::$name => $code),* }
            }

            pub fn parse(code: &str) -> Option<Self> {
                match code { $($code => Some(Self::$name),)* _ => None }
            }
        }
    };
}

roles! {
    CampaignOfficer = "campaign_officer",
    PlanApprover = "plan_approver",
    Sampler = "sampler",
    Custodian = "custodian",
    Tester = "tester",
    Checker = "checker",
    Reviewer = "reviewer",
    Signatory = "signatory",
    QualityOfficer = "quality_officer",
    TechnicalManager = "technical_manager",
    Administrator = "administrator",
    Enterprise = "enterprise",
    Regulator = "regulator",
}

impl Role {
    /// Works in the laboratory: sees its pages and its scan box.
    pub fn is_laboratory(self) -> bool {
        !matches!(self, Self::Enterprise | Self::Regulator)
    }

    /// The key of the role's name in the message files.
    pub fn word(self) -> String {
        format!("role-{}", self.code().replace('_', "-"))
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

/// A permission is a type, so that it stands in the signature of what needs it.
pub trait Permission: Send + Sync + 'static {
    const CODE: &'static str;
    const ROLES: &'static [Role];
}

/// Proof that a person may do `P`; without it there is nobody to write in the log.
pub struct May<P: Permission> {
    actor: Actor,
    permission: PhantomData<P>,
}

impl<P: Permission> May<P> {
    /// The proof, if one of the actor's roles has the permission.
    pub fn check(actor: &Actor) -> Option<Self> {
        let role = *actor.roles.iter().find(|role| P::ROLES.contains(role))?;
        Some(Self { actor: actor.acting_as(role), permission: PhantomData })
    }
}

impl<P: Permission> Deref for May<P> {
    type Target = Actor;
    fn deref(&self) -> &Actor {
        &self.actor
    }
}

impl<P: Permission> Clone for May<P> {
    fn clone(&self) -> Self {
        Self { actor: self.actor.clone(), permission: PhantomData }
    }
}

macro_rules! permissions {
    ($($(#[$doc:meta])* $name:ident = $code:literal: $($role:ident)|+;)*) => {
        $(
            $(#[$doc])*
            pub struct $name;
            impl Permission for $name {
                const CODE: &'static str = $code;
                const ROLES: &'static [Role] = &[$(Role::$role),+];
            }
        )*

        /// Every permission with its roles, for the reference list and the menu.
        pub const PERMISSIONS: &[(&str, &[Role])] = &[$(($name::CODE, $name::ROLES)),*];
    };
}

permissions! {
    /// People, roles, tokens, settings. Sees no results and signs nothing.
    ManageAccounts = "manage_accounts": Administrator;
    /// Personal words that the law wants gone.
    ErasePersonal = "erase_personal": Administrator;
    /// People whose password somebody else set: they sign again.
    ReleaseSigning = "release_signing": QualityOfficer | TechnicalManager;
    /// The log of every change.
    ReadLog = "read_log": QualityOfficer | TechnicalManager | Administrator;
    /// The log with every value in it, to be kept or verified elsewhere.
    ExportLog = "export_log": QualityOfficer | TechnicalManager;
    /// Questionnaires, tallies, drafts of plans.
    RunCampaigns = "run_campaigns": CampaignOfficer;
    /// Plans drafted by somebody else.
    ApprovePlans = "approve_plans": PlanApprover;
    /// Random draws of units and samplers.
    DrawSpotChecks = "draw_spot_checks": CampaignOfficer;
    /// The registry of food units.
    ManageEnterprises = "manage_enterprises": CampaignOfficer | Custodian;
    /// Sampling forms written on the spot.
    FillSamplingForms = "fill_sampling_forms": Sampler;
    /// Photographs and diagrams of a sampling form: a sampler those of his own forms.
    AddPictures = "add_pictures": Custodian | Sampler;
    SeePictures = "see_pictures": Custodian | Sampler | Reviewer | Signatory | QualityOfficer | TechnicalManager;
    /// Sampling forms from the national system.
    ImportForms = "import_forms": Custodian | CampaignOfficer;
    /// Receipt, labels, storage, custody.
    ReceiveSamples = "receive_samples": Custodian;
    /// Disposal of parts that somebody else released.
    ApproveDisposal = "approve_disposal": QualityOfficer | TechnicalManager;
    /// Samples with firm, brand and number: nobody who tests.
    SeeSamples = "see_samples": Custodian | Reviewer | Signatory | QualityOfficer | TechnicalManager;
    /// Items to testers or to another laboratory, with what it answers; items cancelled.
    AssignItems = "assign_items": Custodian | TechnicalManager;
    /// Other laboratories that may test for this one.
    KeepSubcontractors = "keep_subcontractors": QualityOfficer | TechnicalManager;
    /// Suppliers of calibrations, materials and services: approved and evaluated.
    KeepSuppliers = "keep_suppliers": QualityOfficer | TechnicalManager;
    /// Procedures, manuals, forms, contracts of supplied systems: everybody inside finds what is in force.
    ReadDocuments = "read_documents": CampaignOfficer | PlanApprover | Sampler | Custodian | Tester | Checker
        | Reviewer | Signatory | QualityOfficer | TechnicalManager | Administrator;
    /// Editions of them, brought by one and approved by another.
    KeepDocuments = "keep_documents": QualityOfficer | TechnicalManager;
    /// Worksheets by label code, without firm, brand or sample number.
    SeeBench = "see_bench": Tester | Checker | QualityOfficer | TechnicalManager;
    /// The bytes behind a value, read only: whoever works with results or reports.
    SeeEvidence = "see_evidence": Custodian | Tester | Checker | Reviewer | Signatory | QualityOfficer | TechnicalManager;
    /// Own worksheets and results.
    EnterResults = "enter_results": Tester;
    /// Items that somebody else tested.
    CheckItems = "check_items": Checker;
    /// Verdicts that the rules leave open, of items that somebody else tested.
    DecideVerdicts = "decide_verdicts": TechnicalManager;
    /// Failed controls, non-conforming work.
    ManageQuality = "manage_quality": QualityOfficer;
    /// Non-conforming work, opened by whoever finds it.
    OpenWork = "open_work": QualityOfficer | CampaignOfficer | PlanApprover | Sampler | Custodian | Tester | Checker
        | Reviewer | Signatory | TechnicalManager | Administrator;
    /// Complaints: received, decided, told.
    HandleComplaints = "handle_complaints": QualityOfficer | TechnicalManager | Custodian;
    /// The quality report of a month or a year.
    SeeQualityReport = "see_quality_report": QualityOfficer | TechnicalManager;
    /// Values from instruments, drawn one of ten and compared with the raw record.
    CompareTransfers = "compare_transfers": Checker | QualityOfficer | TechnicalManager;
    /// The laboratory's validation file, put to the program before a change goes into force.
    ValidateProgram = "validate_program": QualityOfficer | TechnicalManager;
    /// Methods, limits, calendar, gates; who may do what by which method.
    ManageCatalogue = "manage_catalogue": TechnicalManager;
    /// Lists of what the laboratory has already: equipment, lots, suppliers, authorizations, running numbers.
    ImportLists = "import_lists": TechnicalManager | Administrator;
    /// Connected instruments and their profiles.
    ManageInstruments = "manage_instruments": TechnicalManager;
    /// The inbox of the instruments: codes mapped, held rows replayed.
    RepairReadings = "repair_readings": Tester | TechnicalManager;
    /// Standards, reagents and solutions, lot by lot.
    KeepLots = "keep_lots": Tester | TechnicalManager;
    /// Temperature and humidity of rooms, fridges and incubators, as read.
    LogEnvironment = "log_environment": Tester | Checker | QualityOfficer | TechnicalManager;
    /// Training, supervision and evaluation of people.
    KeepCompetence = "keep_competence": QualityOfficer | TechnicalManager;
    /// Messages brought by the program beside an instrument.
    DeliverMessages = "deliver_messages": TechnicalManager;
    /// Reports with everything in them.
    SeeReports = "see_reports": Custodian | Reviewer | Signatory | QualityOfficer | TechnicalManager;
    /// Reports of items that the reviewer did not test.
    ReviewReports = "review_reports": Reviewer;
    /// Reports within the signatory's field.
    AuthorizeReports = "authorize_reports": Signatory;
    /// Opinions and interpretations on a report, by who is authorized for them by its methods.
    GiveOpinions = "give_opinions": Reviewer | Signatory | TechnicalManager;
    /// Mail and jobs: what failed for good.
    WatchDeliveries = "watch_deliveries": Custodian | QualityOfficer | Administrator;
    /// Backups, checks of files and log, the clock: what failed, and what was done about it.
    WatchUpkeep = "watch_upkeep": QualityOfficer | TechnicalManager | Administrator;
    /// An enterprise's own samples, reports and applications.
    UsePortal = "use_portal": Enterprise;
    /// Failing results of the regulator's region and below, and their acknowledgement.
    ReadFailingResults = "read_failing_results": Regulator;
    /// Issued reports on samples that the regulator's region, or one below it, had taken.
    ReadOrderedReports = "read_ordered_reports": Regulator;
    /// Service, applications, handling of a case.
    HandleCases = "handle_cases": Regulator;
}

/// Whether one of the roles has the permission of this code.
pub fn allows(roles: &[Role], code: &str) -> bool {
    PERMISSIONS.iter().any(|(name, allowed)| *name == code && roles.iter().any(|role| allowed.contains(role)))
}
