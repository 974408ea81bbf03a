//! `lis-server serve`

use std::io::ErrorKind;
use std::net::TcpListener;
use std::sync::Arc;

use clap::Args;
use tracing::{info, warn};

use super::Done;
use crate::accounts::actions::anybody;
use crate::config::{Listening, Settings};
use crate::db::{DatabaseAddress, migrate};
use crate::domain::clock::SystemClock;
use crate::files::private_directory;
use crate::front::QUEUES;
use crate::instruments::embedded;
use crate::jobs::Runner;
use crate::memory;
use crate::server::{self, Face};

/// Threads that answer requests: the work is in the database, two share it well on small machines.
const WORKERS: usize = 2;

/// Configuration of instruments on the server's own ports, in the data directory; without it there are none.
const AGENT_FILE: &str = "agent.toml";

#[derive(Args, Debug)]
pub struct Serve {
    #[command(flatten)]
    listening: Listening,

    /// Bring the tables of a PostgreSQL database up to date first (a SQLite file always is).
    #[arg(long)]
    migrate: bool,
}

impl Serve {
    pub fn run(self, settings: &Settings) -> Done {
        memory::give_large_blocks_back();
        let config = settings.checked()?;
        private_directory(&config.data)?;
        match &config.database {
            DatabaseAddress::Sqlite(_) => {
                migrate::migrate(&config.database)?;
            }
            DatabaseAddress::Postgres(_) if self.migrate => {
                migrate::migrate(&config.database)?;
            }
            DatabaseAddress::Postgres(_) => migrate::require_current(&config.database)?,
        }
        let lis = server::open(config, Arc::new(SystemClock), false)?;
        server::prepare(&lis)?;
        if !lis.db.read_now(anybody)? {
            // A mistyped directory is an empty laboratory: nobody can sign in, and nothing else says so.
            let (database, data) = (&lis.config.database, lis.config.data.display());
            warn!(
                "No accounts yet in {database}: `lis-server init --admin NAME --data {data}` makes the first. If there \
                 should be some, look at `--data` and LIS_DATABASE_URL"
            );
        }
        let listener = listen(&self.listening.listen)?;
        let public = self.listening.listen_public.as_deref().map(listen).transpose()?;
        let runner = Runner::start(&lis, QUEUES)?;
        let agent = embedded::start(&lis, &lis.config.data.join(AGENT_FILE))?;
        let served = actix_web::rt::System::new().block_on(async move {
            let (main, handle) = server::serve(lis.clone(), listener, Face::All, WORKERS)?;
            let mut handles = vec![handle];
            if let Some(listener) = public {
                let (side, handle) = server::serve(lis, listener, Face::Public, WORKERS)?;
                handles.push(handle);
                actix_web::rt::spawn(side);
            }
            actix_web::rt::spawn(memory::give_back_when_started());
            actix_web::rt::spawn(async move {
                until_asked_to_stop().await;
                info!("Stopping: running requests may finish");
                for handle in handles {
                    handle.stop(true).await;
                }
            });
            main.await
        });
        // The agent first: what it still delivers is read by the threads that stop next.
        drop(agent);
        runner.stop();
        Ok(served?)
    }
}

fn listen(address: &str) -> Result<TcpListener, String> {
    TcpListener::bind(address).map_err(|error| {
        let now = match error.kind() {
            ErrorKind::AddrInUse => "Is another server running? `--listen` takes another address.",
            _ => "An address of this machine and a port up to 65535 are expected, as in `--listen 127.0.0.1:8080`.",
        };
        format!("cannot listen on {address}: {error}. {now}")
    })
}

/// Ctrl-C anywhere, SIGTERM where there are signals.
pub(super) async fn until_asked_to_stop() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminate) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = tokio::signal::ctrl_c() => {}
            }
            return;
        }
    }
    let _ = tokio::signal::ctrl_c().await;
}
