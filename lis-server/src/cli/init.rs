//! `lis-server init --admin NAME`

use std::sync::Arc;

use clap::Args;

use super::Done;
use crate::accounts::actions::{self, PersonInput};
use crate::accounts::{Actor, Role, secrets};
use crate::config::{Config, Settings};
use crate::db::migrate;
use crate::domain::clock::SystemClock;
use crate::domain::refusal::{Fault, Outcome};
use crate::files::private_directory;
use crate::server;
use crate::web::language::Language;

#[derive(Args, Debug)]
pub struct Init {
    /// Username of the first administrator.
    #[arg(long, value_name = "NAME")]
    admin: String,
}

impl Init {
    pub fn run(self, settings: &Settings) -> Done {
        let config = settings.checked()?;
        private_directory(&config.data)?;
        migrate::migrate(&config.database)?;
        let lis = server::open(config, Arc::new(SystemClock), false)?;
        server::prepare(&lis)?;
        if lis.db.read_now(actions::anybody)? {
            return Err(has_accounts(&lis.config).into());
        }
        let password = crate::accounts::pages::first_password();
        let hash = secrets::hash_password(&password)?;
        create(&lis, self.admin.clone(), hash).map_err(|fault| said(&fault))?;
        println!("Administrator: {}\nFirst password: {password}", self.admin);
        println!("Sign in, change the password, then create the people of the laboratory.");
        Ok(())
    }
}

/// Whoever has just seen the demonstration meets its laboratory in the same place.
fn has_accounts(config: &Config) -> String {
    format!(
        "the laboratory in {} has accounts already, and nothing was changed; its administrator makes new ones under \
         People. `lis-server init --admin NAME --data DIR` makes a laboratory in another directory.",
        config.database
    )
}

fn create(lis: &crate::app::Lis, username: String, hash: String) -> Outcome<()> {
    let input = PersonInput {
        name: username.clone(),
        username,
        roles: vec![Role::Administrator.code().to_owned()],
        ..PersonInput::default()
    };
    let facts = input.checked()?;
    let by = Actor::system("command-line", "init");
    lis.db.write_now(move |tx| actions::create_first_administrator(tx, &by, &facts, &hash).map(|_| ()))
}

/// A refusal in words: on the command line in English.
fn said(fault: &Fault) -> String {
    match fault.refusal() {
        Some(refusal) => {
            let sentences: Vec<String> =
                refusal.reasons.iter().map(|reason| Language::English.sentence(reason)).collect();
            sentences.join(" ")
        }
        None => fault.to_string(),
    }
}
