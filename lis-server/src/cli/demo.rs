//! `lis-server demo`: the whole chain on an empty laboratory, then a server to go on by hand.

use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;

use clap::Args;

use super::Done;
use crate::config::in_force::{Source, put};
use crate::config::{Config, Settings};
use crate::db::migrate;
use crate::demo::smtp_receiver::SmtpReceiver;
use crate::demo::{Script, play};
use crate::domain::clock::{Moment, ScriptedClock};
use crate::files::private_directory;
use crate::front::QUEUES;
use crate::jobs::Runner;
use crate::server::{self, Face};
use crate::web::language::Language;

/// The laboratory's clock begins here, whatever the year.
const BEGIN: &str = "2026-11-16 08:00";

/// Threads that answer requests.
const WORKERS: usize = 2;

/// The demonstration runs on a time of its own, which no look at night belongs to.
const NEVER: &str = "off";

/// In the data directory: the mails that the demonstration's mail server received, one file each.
const MAIL_FOLDER: &str = "mail";

#[derive(Args, Debug)]
pub struct Demo {
    /// End after the run; with 1 if an outcome differs from what its step states.
    #[arg(long)]
    exit: bool,

    /// Language of the demonstration: `zh` or `en`.
    #[arg(long, default_value = "zh", value_name = "LANGUAGE", value_parser = ["zh", "en"])]
    language: String,

    /// Address of the pages and the API; with `--exit` a free port is taken.
    #[arg(long, default_value = "127.0.0.1:8080", value_name = "ADDRESS")]
    listen: String,
}

impl Demo {
    pub fn run(self, settings: &Settings) -> Done {
        refuse_existing(&settings.checked()?)?;
        let address = if self.exit { "127.0.0.1:0" } else { self.listen.as_str() };
        let listener = TcpListener::bind(address)
            .map_err(|error| format!("cannot listen on {address}: {error}. `--listen` takes another address."))?;
        let address = listener.local_addr()?;
        // Kept until the server has stopped: what the reader does by hand is mailed too.
        let mails = Arc::new(SmtpReceiver::keeping_in(settings.data.join(MAIL_FOLDER))?);
        let config = demonstrated(settings, address, mails.address()).checked()?;
        private_directory(&config.data)?;
        migrate::migrate(&config.database)?;
        let begin = Moment::parse_in_china(BEGIN).ok_or("the demonstration has no beginning")?;
        let clock = Arc::new(ScriptedClock::starting_at(begin));
        let lis = server::open(config, clock.clone(), false)?;
        server::prepare(&lis)?;
        let runner = Runner::start(&lis, QUEUES)?;
        let language = Language::parse(&self.language).unwrap_or_default();
        let script =
            Script { lis: lis.clone(), clock, mails: mails.clone(), language, listener_address: address.to_string() };
        let exit = self.exit;
        let played = actix_web::rt::System::new().block_on(async move {
            let (server, handle) = server::serve(lis, listener, Face::All, WORKERS)?;
            let running = actix_web::rt::spawn(server);
            // The script asks the server like anybody else, so it waits on a thread of its own.
            let played = actix_web::web::block(move || play(script)).await;
            let good = matches!(&played, Ok(Ok(_)));
            if good && !exit {
                super::serve::until_asked_to_stop().await;
            }
            handle.stop(true).await;
            running.await.map_err(std::io::Error::other)??;
            Ok::<_, std::io::Error>(played)
        })?;
        // The instruments were kept for the reader too. They go first: what they still deliver is read by the threads that
        // stop next.
        let ended = played.map(|played| played.map(drop)).map_err(|error| error.to_string());
        runner.stop();
        drop(mails);
        ended??;
        Ok(())
    }
}

/// The settings as given, with the demonstration's own addresses.
fn demonstrated(given: &Settings, address: SocketAddr, mail_server: SocketAddr) -> Settings {
    let (public_url, smtp_url) = (format!("http://{address}"), format!("smtp://{mail_server}"));
    let mail_from = "lab@lis.example".to_owned();
    let mut in_force = given.in_force.clone();
    let own = [
        ("LIS_PUBLIC_URL", public_url.clone()),
        ("LIS_SMTP_URL", smtp_url.clone()),
        ("LIS_MAIL_FROM", mail_from.clone()),
        ("LIS_SECURE_COOKIES", "false".to_owned()),
        ("LIS_LISTEN", address.to_string()),
        ("LIS_LISTEN_PUBLIC", String::new()),
        ("LIS_UPKEEP_HOUR", NEVER.to_owned()),
    ];
    put(&mut in_force, Some(Source::Demonstration), &own);
    Settings {
        public_url,
        smtp_url: Some(smtp_url),
        mail_from: Some(mail_from),
        secure_cookies: Some(false),
        upkeep_hour: NEVER.to_owned(),
        in_force,
        ..given.clone()
    }
}

/// The demonstration writes into an empty laboratory only, and looks before it touches anything.
fn refuse_existing(config: &Config) -> Done {
    if migrate::is_untouched(&config.database)? {
        return Ok(());
    }
    let (data, database) = (config.data.display(), &config.database);
    Err(format!(
        "there is a laboratory in {database} already; the demonstration needs an empty one and has changed nothing. \
         `lis-server serve --data {data}` goes on with what is there; `lis-server demo --data DIR` takes another \
         directory."
    )
    .into())
}
