//! `lis-server demo`: the whole chain on an empty laboratory, then a server to go on by hand.

use std::net::TcpListener;
use std::sync::Arc;

use clap::Args;

use super::Done;
use crate::config::{Config, Settings};
use crate::db::migrate;
use crate::demo::smtp_receiver::SmtpReceiver;
use crate::demo::{Script, play};
use crate::domain::clock::{Moment, ScriptedClock};
use crate::jobs::Runner;
use crate::server::{self, Face};
use crate::web::language::Language;

/// The laboratory's clock begins here, whatever the year.
const BEGIN: &str = "2026-11-16 08:00";

/// Threads that answer requests.
const WORKERS: usize = 2;

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
        let mails = SmtpReceiver::start()?;
        let settings = Settings {
            public_url: format!("http://{address}"),
            smtp_url: Some(format!("smtp://{}", mails.address())),
            mail_from: Some("lab@lis.example".to_owned()),
            secure_cookies: Some(false),
            ..settings.clone()
        };
        let config = settings.checked()?;
        std::fs::create_dir_all(&config.data)?;
        migrate::migrate(&config.database)?;
        let begin = Moment::parse_in_china(BEGIN).ok_or("the demonstration has no beginning")?;
        let clock = Arc::new(ScriptedClock::starting_at(begin));
        let lis = server::open(config, clock.clone(), false)?;
        server::prepare(&lis)?;
        let runner = Runner::start(&lis)?;
        let language = Language::parse(&self.language).unwrap_or_default();
        let script = Script { lis: lis.clone(), clock, mails, language, listener_address: address.to_string() };
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
        runner.stop();
        played.map_err(|error| error.to_string())??;
        Ok(())
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
