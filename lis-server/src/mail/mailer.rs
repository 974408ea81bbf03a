//! SMTP by lettre: making the message and telling a mail that can be tried again from one that cannot.

use std::time::{Duration, SystemTime};

use lettre::message::header::ContentType;
use lettre::message::{Attachment, Mailbox, Message, MultiPart, SinglePart};
use lettre::transport::smtp::response::{Category, Severity};
use lettre::{SmtpTransport, Transport};

use super::store::MailRow;
use crate::domain::clock::Moment;
use crate::domain::hash::sha256_of;

/// A mail server answers within seconds; after this the attempt is given up.
const TIMEOUT: Duration = Duration::from_secs(30);

/// Hexadecimal digits of the hash in a Message-ID: 128 bits.
const ID_DIGITS: usize = 32;

/// The way to the mail server. Cheap to clone.
#[derive(Clone)]
pub struct Mailer {
    transport: SmtpTransport,
    from: Mailbox,
}

#[derive(Debug, thiserror::Error)]
pub enum MailerError {
    #[error(
        "LIS_SMTP_URL is not an address of a mail server ({0}); write smtp://host:port or smtps://user:password@host"
    )]
    Url(String),
    #[error("LIS_MAIL_FROM {0:?} is not a mail address; write lab@example.com or 实验室 <lab@example.com>")]
    From(String),
    #[error("LIS_SMTP_URL is set, but LIS_MAIL_FROM is not; mails need a sender")]
    FromMissing,
}

/// Why a mail was not taken.
#[derive(Debug, PartialEq, Eq)]
pub enum Failure {
    /// Worth trying again.
    Delayed(String),
    /// The server refused it for good, or it is no mail.
    Refused(String),
}

impl Mailer {
    pub fn new(url: &str, from: Option<&str>) -> Result<Self, MailerError> {
        let builder = SmtpTransport::from_url(url).map_err(|error| MailerError::Url(error.to_string()))?;
        let from = from.ok_or(MailerError::FromMissing)?;
        let from = from.parse().map_err(|_| MailerError::From(from.to_owned()))?;
        Ok(Self { transport: builder.timeout(Some(TIMEOUT)).build(), from })
    }

    /// Hands a mail to the server.
    pub fn send(&self, mail: &MailRow, attachment: Option<Vec<u8>>, real: Moment) -> Result<(), Failure> {
        let message = self.message(mail, attachment, real).map_err(Failure::Refused)?;
        match self.transport.send(&message) {
            Ok(_) => Ok(()),
            Err(error) => Err(classified(&error)),
        }
    }

    fn message(&self, mail: &MailRow, attachment: Option<Vec<u8>>, real: Moment) -> Result<Message, String> {
        let to: Mailbox = mail.recipient.parse().map_err(|error| format!("{}: {error}", mail.recipient))?;
        let builder = Message::builder()
            .from(self.from.clone())
            .to(to)
            .subject(&mail.subject)
            .date(SystemTime::from(real.utc()))
            .message_id(Some(self.message_id(&mail.mail_key)));
        let text = SinglePart::plain(mail.body.clone());
        let message = match attachment {
            Some(bytes) => {
                let pdf = ContentType::parse("application/pdf").map_err(|error| error.to_string())?;
                let file = Attachment::new(mail.attachment_name.clone()).body(bytes, pdf);
                builder.multipart(MultiPart::mixed().singlepart(text).singlepart(file))
            }
            None => builder.singlepart(text),
        };
        message.map_err(|error| error.to_string())
    }

    /// The same for every attempt of one mail, so that a mail sent twice is shown once.
    fn message_id(&self, key: &str) -> String {
        format!("<{}@{}>", &sha256_of(key.as_bytes())[..ID_DIGITS], self.from.email.domain())
    }
}

/// A 5xx is final, except 53x: the server does not accept the laboratory's own sign-in, which a person mends without
/// touching each mail.
fn classified(error: &lettre::transport::smtp::Error) -> Failure {
    let own_sign_in = |code: lettre::transport::smtp::response::Code| code.category == Category::Unspecified3;
    let refused =
        error.status().is_some_and(|code| code.severity == Severity::PermanentNegativeCompletion && !own_sign_in(code));
    let text = match std::error::Error::source(error) {
        Some(source) => format!("{error}: {source}"),
        None => error.to_string(),
    };
    if refused { Failure::Refused(text) } else { Failure::Delayed(text) }
}
