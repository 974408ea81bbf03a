//! Settings: each declared once here, with its environment variable, its default and its meaning; checked at start;
//! explained by `lis-server check-config`. The reference page is generated from the same declarations.

pub mod in_force;
mod values;

use std::fmt;
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::path::PathBuf;

use clap::Args;

use crate::db::{DatabaseAddress, without_password};
use crate::quality::gates::state::Mode;
use in_force::Setting;
use values::{by_class, hour, is_encrypted, web_address, with_port};

/// Everything that can be set, as given on the command line or in the environment.
#[derive(Args, Clone, Debug)]
pub struct Settings {
    /// Directory of the laboratory's data: database, files, keys, spool.
    #[arg(long = "data", env = "LIS_DATA", default_value = "lis-data", value_name = "DIR", global = true)]
    pub data: PathBuf,

    /// Database address: `sqlite:PATH` or `postgres://…`; unset: `lis.db` in the data directory.
    #[arg(long, env = "LIS_DATABASE_URL", value_name = "URL", global = true, hide_env_values = true)]
    pub database_url: Option<String>,

    /// Database connections that read at the same time (on PostgreSQL as many again write).
    #[arg(long, env = "LIS_DATABASE_CONNECTIONS", default_value_t = 8, value_name = "NUMBER", global = true)]
    pub database_connections: u32,

    /// Name of the laboratory, on pages and reports.
    #[arg(long, env = "LIS_LABORATORY_NAME", default_value = "共享食品检测实验室", value_name = "TEXT", global = true)]
    pub laboratory_name: String,

    /// Short code of the laboratory, the first letters of its sample and report numbers.
    #[arg(long, env = "LIS_LABORATORY_CODE", default_value = "BZ", value_name = "LETTERS", global = true)]
    pub laboratory_code: String,

    /// Session cookies are sent over HTTPS only; unset: when `LIS_PUBLIC_URL` begins with `https://`.
    #[arg(long, env = "LIS_SECURE_COOKIES", value_name = "BOOL", global = true)]
    pub secure_cookies: Option<bool>,

    /// Address of the laboratory, on reports.
    #[arg(long, env = "LIS_LABORATORY_ADDRESS", default_value = "", value_name = "TEXT", global = true)]
    pub laboratory_address: String,

    /// Telephone, post code and e-mail of the laboratory in one line, on reports.
    #[arg(long, env = "LIS_LABORATORY_CONTACT", default_value = "", value_name = "TEXT", global = true)]
    pub laboratory_contact: String,

    /// Address under which enterprises and the public reach the server: codes on reports and links in mails lead there.
    #[arg(long, env = "LIS_PUBLIC_URL", default_value = "http://localhost:8080", value_name = "URL", global = true)]
    pub public_url: String,

    /// Mail server: `smtp://HOST:PORT` or `smtps://USER:PASSWORD@HOST`; unset: mails stay queued.
    #[arg(long, env = "LIS_SMTP_URL", value_name = "URL", global = true, hide_env_values = true)]
    pub smtp_url: Option<String>,

    /// Sender of mails, for example `实验室 <lab@example.com>`.
    #[arg(long, env = "LIS_MAIL_FROM", value_name = "ADDRESS", global = true)]
    pub mail_from: Option<String>,

    /// Requests that one token of the API may make in a minute; more are answered 429 with the time to wait.
    #[arg(long, env = "LIS_TOKEN_REQUESTS_PER_MINUTE", default_value = "6000", value_name = "NUMBER", global = true)]
    pub token_requests_per_minute: NonZeroU32,

    // Hundreds of people behind one address mistype now and then; who guesses passwords needs thousands.
    /// Failed sign-ins of one address that are free in an hour; each further one makes it wait longer, up to five minutes.
    #[arg(long, env = "LIS_FAILED_SIGN_INS_PER_ADDRESS", default_value = "100", value_name = "NUMBER", global = true)]
    pub failed_sign_ins_per_address: NonZeroU32,

    /// Answers to polls, and files to be compared with a report, that one address may send in an hour; of answers to polls that are over a tenth.
    #[arg(long, env = "LIS_PUBLIC_REQUESTS_PER_ADDRESS", default_value = "600", value_name = "NUMBER", global = true)]
    pub public_requests_per_address: NonZeroU32,

    /// Address of the laboratory's reverse proxy, whose `X-Forwarded-For` is believed; unset: there is none.
    #[arg(long, env = "LIS_PROXY", value_name = "ADDRESS", global = true)]
    pub proxy: Option<IpAddr>,

    // A computer that is set by the network is right to a second. Half a minute off means that nobody sets it, and the time
    // of receipt, which is evidence and shown to the second, comes from there.
    /// Seconds by which the clock of an instrument's agent may differ from the server's before pages and API warn.
    #[arg(long, env = "LIS_AGENT_CLOCK_TOLERANCE_S", default_value_t = 30, value_name = "SECONDS", global = true)]
    pub agent_clock_tolerance_s: u32,
    /// Working days after which a complaint must have been acknowledged.
    #[arg(long, env = "LIS_COMPLAINT_ACKNOWLEDGE_DAYS", default_value = "3", value_name = "NUMBER", global = true)]
    pub complaint_acknowledge_days: NonZeroU32,

    /// Working days after which a complaint must have been answered.
    #[arg(long, env = "LIS_COMPLAINT_ANSWER_DAYS", default_value = "20", value_name = "NUMBER", global = true)]
    pub complaint_answer_days: NonZeroU32,

    /// Days before its end from which on the quality officer is reminded of an authorization.
    #[arg(long, env = "LIS_COMPETENCE_REMINDER_DAYS", default_value = "30", value_name = "NUMBER", global = true)]
    pub competence_reminder_days: NonZeroU32,

    /// Hour in China, 0 to 23, after which files, log and backup are looked after every day, or `off`.
    #[arg(long, env = "LIS_UPKEEP_HOUR", default_value = "2", value_name = "HOUR", global = true)]
    pub upkeep_hour: String,

    /// Folder into which the laboratory is backed up every day; unset: not by the server.
    #[arg(long, env = "LIS_BACKUP_TO", value_name = "DIR", global = true)]
    pub backup_to: Option<PathBuf>,

    /// Daily backups that are kept.
    #[arg(long, env = "LIS_BACKUP_KEEP", default_value = "14", value_name = "NUMBER", global = true)]
    pub backup_keep: NonZeroU32,

    /// Time source that the server's clock is compared with every minute (SNTP), `HOST` or `HOST:PORT`; unset: none.
    #[arg(long, env = "LIS_TIME_SOURCE", value_name = "ADDRESS", global = true)]
    pub time_source: Option<String>,

    /// Seconds by which the server's clock may differ from the time source's, the database's and most agents' before it is an alarm.
    #[arg(long, env = "LIS_CLOCK_TOLERANCE_S", default_value_t = 1, value_name = "SECONDS", global = true)]
    pub clock_tolerance_s: u32,

    /// Mail address to which the daily root of the log is sent as evidence; unset: it is kept in the laboratory only.
    #[arg(long, env = "LIS_LOG_ROOT_TO", value_name = "ADDRESS", global = true)]
    pub log_root_to: Option<String>,
    /// Hours after which a value that is typed counts as late: it needs a reason and is marked.
    #[arg(long, env = "LIS_LATE_ENTRY_HOURS", default_value = "24", value_name = "NUMBER", global = true)]
    pub late_entry_hours: NonZeroU32,
    /// Clock hours in which the ordering authority is told of a finding of possible serious harm (T5).
    #[arg(long, env = "LIS_SERIOUS_HARM_HOURS", default_value = "24", value_name = "NUMBER", global = true)]
    pub serious_harm_hours: NonZeroU32,
    /// Clock hours in which a recall of class 1, 2 and 3 is started, from learning of the risk (T24).
    #[arg(long, env = "LIS_RECALL_START_HOURS", default_value = "24,48,72", value_name = "NUMBERS", global = true)]
    pub recall_start_hours: String,
    /// Working days in which a recall of class 1, 2 and 3 is finished, from its public notice (T25).
    #[arg(long, env = "LIS_RECALL_FINISH_DAYS", default_value = "10,20,30", value_name = "NUMBERS", global = true)]
    pub recall_finish_days: String,

    /// `review` or `simple`: how the value of another laboratory that states no uncertainty is judged where the client asks for guard bands, by a person or by simple acceptance, which the report says.
    #[arg(
        long,
        env = "LIS_SUBCONTRACT_UNCERTAINTY",
        default_value = "review",
        value_name = "RULE",
        value_parser = ["review", SIMPLE],
        global = true
    )]
    pub subcontract_uncertainty: String,

    /// `off`, `warn` or `block`: whether a line of the receipt's checklist that is not in order needs a picture, is said to have none, or is refused without one.
    #[arg(
        long,
        env = "LIS_RECEIPT_PICTURES",
        default_value = "warn",
        value_name = "STRICTNESS",
        value_parser = ["off", "warn", "block"],
        global = true
    )]
    pub receipt_pictures: String,

    /// Directory with the laboratory's own templates of printed documents.
    #[arg(long, env = "LIS_TEMPLATES", value_name = "DIR", global = true)]
    pub templates: Option<PathBuf>,

    /// Directory with fonts for characters that the built-in ones lack.
    #[arg(long, env = "LIS_FONTS", value_name = "DIR", global = true)]
    pub fonts: Option<PathBuf>,

    /// All of them with their sources, those of other groups too. The command line fills it in when it has been read.
    #[arg(skip)]
    pub in_force: Vec<Setting>,
}

// Where the server listens. Not a documentation comment: it would become the description of the commands that take this.
#[derive(Args, Clone, Debug)]
pub struct Listening {
    /// Address of the laboratory's pages and the API.
    #[arg(long, env = "LIS_LISTEN", default_value = "127.0.0.1:8080", value_name = "ADDRESS")]
    pub listen: String,

    /// A second address that serves only what enterprises, regulators and the public use.
    #[arg(long, env = "LIS_LISTEN_PUBLIC", value_name = "ADDRESS")]
    pub listen_public: Option<String>,
}

/// What the program says about itself on its standard error stream.
#[derive(Args, Clone, Debug)]
pub struct Logging {
    /// What is logged: levels by part of the program, for example `info,lis_server::statements=debug`.
    #[arg(
        long = "log",
        env = "LIS_LOG",
        default_value = "info,actix_server=warn",
        value_name = "FILTER",
        global = true
    )]
    pub filter: String,

    /// `text` for people, `json` for programs that collect logs.
    #[arg(
        long = "log-format",
        env = "LIS_LOG_FORMAT",
        default_value = "text",
        value_name = "FORMAT",
        value_parser = ["text", "json"],
        global = true
    )]
    pub format: String,
}

/// The settings, checked.
#[derive(Clone, Debug)]
pub struct Config {
    pub data: PathBuf,
    pub database: DatabaseAddress,
    pub database_connections: u32,
    pub laboratory_name: String,
    pub laboratory_code: String,
    pub secure_cookies: bool,
    pub laboratory_address: String,
    pub laboratory_contact: String,
    /// Without a slash at its end.
    pub public_url: String,
    pub smtp_url: Option<String>,
    pub mail_from: Option<String>,
    pub token_requests_per_minute: NonZeroU32,
    pub failed_sign_ins_per_address: NonZeroU32,
    pub public_requests_per_address: NonZeroU32,
    pub proxy: Option<IpAddr>,
    pub agent_clock_tolerance_s: u32,
    pub complaint_acknowledge_days: u32,
    pub complaint_answer_days: u32,
    pub competence_reminder_days: u32,
    /// `None`: this server does not look by itself.
    pub upkeep_hour: Option<u32>,
    pub backup_to: Option<PathBuf>,
    pub backup_keep: usize,
    /// With its port.
    pub time_source: Option<String>,
    pub clock_tolerance_s: u32,
    pub log_root_to: Option<String>,
    pub late_entry_hours: u32,
    pub serious_harm_hours: u32,
    /// Of the classes 1, 2 and 3.
    pub recall_start_hours: [u32; 3],
    pub recall_finish_days: [u32; 3],
    /// Without a stated uncertainty another laboratory's value is judged by simple acceptance, whatever the client's rule.
    pub subcontract_simple: bool,
    /// How strictly pictures of what is not in order at receipt are asked for.
    pub receipt_pictures: Mode,
    pub templates: Option<PathBuf>,
    pub fonts: Option<PathBuf>,
    /// Every setting with its source, as people are shown it.
    pub in_force: Vec<Setting>,
}

/// Everything that is wrong with the settings.
#[derive(Debug)]
pub struct ConfigErrors(pub Vec<ConfigError>);

impl fmt::Display for ConfigErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let said: Vec<String> = self.0.iter().map(ToString::to_string).collect();
        f.write_str(&said.join("\n"))
    }
}

impl std::error::Error for ConfigErrors {}

#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    #[error("{0}")]
    Database(#[from] crate::db::UnknownAddress),
    #[error("LIS_DATABASE_CONNECTIONS is {0}; it must be from 1 to 200.")]
    Connections(u32),
    #[error("LIS_LABORATORY_NAME is empty; reports need the laboratory's name.")]
    NameMissing,
    #[error("LIS_PUBLIC_URL is {0:?}; it must be an address such as https://lab.example.com.")]
    PublicUrl(String),
    #[error("{0}.")]
    Mail(#[from] crate::mail::MailerError),
    #[error("{0} is {1}; it must be from 1 to {DEADLINE_MOST_DAYS} working days.")]
    Deadline(&'static str, u32),
    #[error("{0} is {1:?}; it must be three numbers from 1 to {2}, of the classes 1, 2 and 3, such as {3}.")]
    ByClass(&'static str, String, u32, &'static str),
    #[error("LIS_UPKEEP_HOUR is {0:?}; it must be an hour from 0 to 23, or off.")]
    Hour(String),
    #[error("LIS_TIME_SOURCE is {0:?}; it must be a host such as ntp.example.com, or a host with a port.")]
    TimeSource(String),
    #[error("LIS_LOG_ROOT_TO is {0:?}; it must be a mail address such as notary@example.com.")]
    RootAddress(String),
    #[error("LIS_LABORATORY_CODE is {0:?}; numbers need 2 to 6 capital letters or digits.")]
    Code(String),
}

/// More connections than this help no server and exhaust PostgreSQL's default of 100 twice over.
const CONNECTIONS_MOST: u32 = 200;

/// A year of working days: nobody is answered later.
const DEADLINE_MOST_DAYS: u32 = 250;

/// Ten days in hours: food that was not called back until then is eaten.
const RECALL_MOST_HOURS: u32 = 240;

impl Settings {
    /// # Errors
    /// Every fault at once.
    pub fn checked(&self) -> Result<Config, ConfigErrors> {
        let mut faults: Vec<ConfigError> = Vec::new();
        let database = match self.database_url.as_deref().map(DatabaseAddress::parse) {
            Some(Ok(address)) => Some(address),
            Some(Err(unknown)) => {
                faults.push(unknown.into());
                None
            }
            None => Some(self.database_in_data()),
        };
        if !(1..=CONNECTIONS_MOST).contains(&self.database_connections) {
            faults.push(ConfigError::Connections(self.database_connections));
        }
        let laboratory_name = self.laboratory_name.trim().to_owned();
        if laboratory_name.is_empty() {
            faults.push(ConfigError::NameMissing);
        }
        let public_url = web_address(&self.public_url);
        if public_url.is_none() {
            faults.push(ConfigError::PublicUrl(without_password(self.public_url.trim())));
        }
        let given = |text: &Option<String>| text.as_deref().map(str::trim).filter(|t| !t.is_empty()).map(str::to_owned);
        let (smtp_url, mail_from) = (given(&self.smtp_url), given(&self.mail_from));
        if let Some(url) = &smtp_url
            && let Err(unusable) = crate::mail::Mailer::new(url, mail_from.as_deref())
        {
            faults.push(unusable.into());
        }
        let laboratory_code = self.laboratory_code.trim().to_owned();
        let is_code = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit();
        if !(2..=6).contains(&laboratory_code.len()) || !laboratory_code.chars().all(is_code) {
            faults.push(ConfigError::Code(laboratory_code.clone()));
        }
        let upkeep_hour = match hour(&self.upkeep_hour) {
            Some(hour) => hour,
            None => {
                faults.push(ConfigError::Hour(self.upkeep_hour.clone()));
                None
            }
        };
        let log_root_to = given(&self.log_root_to);
        if let Some(address) = log_root_to.as_deref().filter(|address| !crate::mail::is_address(address)) {
            faults.push(ConfigError::RootAddress(address.to_owned()));
        }
        let time_source = given(&self.time_source).and_then(|text| {
            let address = with_port(&text);
            faults.extend(address.is_none().then_some(ConfigError::TimeSource(text)));
            address
        });
        let deadlines = [
            ("LIS_COMPLAINT_ACKNOWLEDGE_DAYS", self.complaint_acknowledge_days.get()),
            ("LIS_COMPLAINT_ANSWER_DAYS", self.complaint_answer_days.get()),
        ];
        let too_late = deadlines.into_iter().filter(|(_, days)| *days > DEADLINE_MOST_DAYS);
        faults.extend(too_late.map(|(name, days)| ConfigError::Deadline(name, days)));
        let start_hours = by_class(&self.recall_start_hours, RECALL_MOST_HOURS);
        if start_hours.is_none() {
            let text = self.recall_start_hours.clone();
            faults.push(ConfigError::ByClass("LIS_RECALL_START_HOURS", text, RECALL_MOST_HOURS, "24,48,72"));
        }
        let finish_days = by_class(&self.recall_finish_days, DEADLINE_MOST_DAYS);
        if finish_days.is_none() {
            let text = self.recall_finish_days.clone();
            faults.push(ConfigError::ByClass("LIS_RECALL_FINISH_DAYS", text, DEADLINE_MOST_DAYS, "10,20,30"));
        }
        let checked = database.filter(|_| faults.is_empty()).zip(public_url).zip(start_hours.zip(finish_days));
        let Some(((database, public_url), (recall_start_hours, recall_finish_days))) = checked else {
            return Err(ConfigErrors(faults));
        };
        let secure_cookies = self.secure_cookies.unwrap_or_else(|| is_encrypted(&public_url));
        let mut in_force = self.in_force.clone();
        let followed = [("LIS_DATABASE_URL", database.to_string()), ("LIS_SECURE_COOKIES", secure_cookies.to_string())];
        in_force::put(&mut in_force, None, &followed);
        Ok(Config {
            data: self.data.clone(),
            database,
            database_connections: self.database_connections,
            laboratory_name,
            laboratory_code,
            secure_cookies,
            laboratory_address: self.laboratory_address.trim().to_owned(),
            laboratory_contact: self.laboratory_contact.trim().to_owned(),
            public_url,
            smtp_url,
            mail_from,
            token_requests_per_minute: self.token_requests_per_minute,
            failed_sign_ins_per_address: self.failed_sign_ins_per_address,
            public_requests_per_address: self.public_requests_per_address,
            proxy: self.proxy.map(|address| address.to_canonical()),
            agent_clock_tolerance_s: self.agent_clock_tolerance_s,
            complaint_acknowledge_days: self.complaint_acknowledge_days.get(),
            complaint_answer_days: self.complaint_answer_days.get(),
            competence_reminder_days: self.competence_reminder_days.get(),
            upkeep_hour,
            backup_to: self.backup_to.clone(),
            backup_keep: usize::try_from(self.backup_keep.get()).unwrap_or(usize::MAX),
            time_source,
            clock_tolerance_s: self.clock_tolerance_s,
            log_root_to,
            late_entry_hours: self.late_entry_hours.get(),
            serious_harm_hours: self.serious_harm_hours.get(),
            recall_start_hours,
            recall_finish_days,
            subcontract_simple: self.subcontract_uncertainty == SIMPLE,
            // Another word than the three does not pass the command line.
            receipt_pictures: Mode::parse(&self.receipt_pictures).unwrap_or(Mode::Warn),
            templates: self.templates.clone(),
            fonts: self.fonts.clone(),
            in_force,
        })
    }

    /// The database where no address of one is given.
    fn database_in_data(&self) -> DatabaseAddress {
        DatabaseAddress::Sqlite(self.data.join("lis.db"))
    }
}

/// The word for simple acceptance.
const SIMPLE: &str = "simple";
