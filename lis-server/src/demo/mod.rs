//! The demonstration: fills an empty laboratory with a small believable world and runs the whole chain before the reader's
//! eyes, through the program's own API, pages, serial line, folders and mail. Every outcome is compared with what the script
//! states; the first that differs ends it.

#[cfg(unix)]
mod bench;
#[cfg(unix)]
pub mod caller;
#[cfg(unix)]
mod cases;
#[cfg(unix)]
mod choosing;
#[cfg(unix)]
mod closing;
#[cfg(unix)]
mod correction;
#[cfg(unix)]
mod devices;
#[cfg(unix)]
mod intake;
#[cfg(unix)]
mod leftovers;
#[cfg(unix)]
mod own_limits;
#[cfg(unix)]
mod people;
#[cfg(unix)]
mod reporting;
pub mod smtp_receiver;
#[cfg(unix)]
mod stage;

#[cfg(unix)]
pub use script::{Script, play};

#[cfg(unix)]
mod script {
    //! The order of the acts, and what is kept of them.

    use std::sync::Arc;
    use std::time::Instant;

    use serde_json::{Value, json};

    use super::caller::{Deviation, Played};
    use super::devices::Devices;
    use super::smtp_receiver::SmtpReceiver;
    use super::stage::Stage;
    use super::{bench, cases, choosing, closing, correction, intake, leftovers, people, reporting};
    use crate::app::Lis;
    use crate::domain::clock::ScriptedClock;
    use crate::web::language::Language;

    /// A laboratory that is served already.
    pub struct Script {
        pub lis: Lis,
        pub clock: Arc<ScriptedClock>,
        /// Whoever serves the laboratory keeps it too: mails go on after the script.
        pub mails: Arc<SmtpReceiver>,
        pub language: Language,
        pub listener_address: String,
    }

    /// Plays all acts and writes `demo.json`. The instruments are read as long as their devices are kept.
    pub fn play(script: Script) -> Played<Devices> {
        let began = Instant::now();
        let Script { lis, clock, mails, language, listener_address } = script;
        let mut stage = Stage::new(lis, clock, mails, language, format!("http://{listener_address}"));
        let played = acts(&mut stage);
        let devices = played.map_err(|deviation| Deviation(format!("step {}: {deviation}", stage.steps() + 1)))?;
        keep(&stage)?;
        leave(&stage)?;
        println!("\n{}", closing::words(&stage, began.elapsed().as_secs_f64()));
        Ok(devices)
    }

    fn acts(stage: &mut Stage) -> Played<Devices> {
        stage.act("demo-act-opening");
        people::engage(stage)?;
        let chosen = choosing::play(stage)?;
        let taken = intake::play(stage, &chosen)?;
        let tested = bench::play(stage, &taken)?;
        let issued = reporting::play(stage, &taken)?;
        cases::play(stage, &issued)?;
        correction::play(stage, &taken, &tested, &issued)?;
        leftovers::play(stage)?;
        Ok(tested.devices)
    }

    /// Everybody signs out, which ends what he opened to sign: the reader signs with the password that he is given.
    fn leave(stage: &Stage) -> Played {
        stage.people.values().try_for_each(|person| person.caller.sign_out())
    }

    /// How many of each the demonstration leaves, as they are listed to those who see all of them.
    fn counts(stage: &Stage) -> Played<Value> {
        let listed = |username: &str, path: &str| -> Played<usize> {
            Ok(stage.by(username)?.get(&format!("{path}?limit=500"))?.done()?.items().len())
        };
        Ok(json!({
            "steps": stage.steps(),
            "mails": stage.mails.messages().len(),
            "samples": listed("custodian", "/api/v1/samples")?,
            "reports": listed("reviewer", "/api/v1/reports")?,
            "cases": listed("city", "/api/v1/cases")?,
            "feed_items": listed("city", "/api/v1/failing-results")?,
        }))
    }

    /// `demo.json`: everything that a program needs to go on.
    fn keep(stage: &Stage) -> Played {
        let accounts: Vec<Value> = stage
            .people
            .values()
            .map(|person| {
                json!({
                    "username": person.username, "name": person.name, "roles": person.roles,
                    "password": people::PASSWORD, "signing_password": people::SIGNING_PASSWORD,
                })
            })
            .collect();
        let mut kept = stage.notes.clone();
        kept.insert("accounts".to_owned(), json!(accounts));
        kept.insert("tokens".to_owned(), json!(stage.tokens));
        kept.insert("cursors".to_owned(), json!(stage.cursors));
        kept.insert("reports".to_owned(), json!(reporting::kept(stage)?));
        kept.insert("counts".to_owned(), counts(stage)?);
        let path = stage.lis.config.data.join("demo.json");
        let text = serde_json::to_string_pretty(&kept).map_err(|error| Deviation(error.to_string()))?;
        std::fs::write(&path, text + "\n").map_err(|error| Deviation(format!("{}: {error}", path.display())))
    }
}
