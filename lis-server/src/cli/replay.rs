//! `lis-server replay`: every stored version of every result, calculated and judged again.

use std::sync::Arc;

use super::Done;
use crate::config::Settings;
use crate::db::migrate;
use crate::domain::clock::SystemClock;
use crate::domain::ids::ResultId;
use crate::domain::text::counted;
use crate::server;
use crate::testing::actions::replay_after;

/// Names each version that comes out differently, and ends with a failure if there is one. It reads alone, a page at a time:
/// the server may run.
pub fn run(settings: &Settings) -> Done {
    let config = settings.checked()?;
    migrate::require_current(&config.database)?;
    let lis = server::open(config, Arc::new(SystemClock), false)?;
    let (mut asked, mut differing, mut after) = (0, 0, ResultId(0));
    loop {
        let page = lis.db.read_now(|conn| replay_after(conn, after))?;
        for one in &page.differing {
            eprintln!("{one}");
        }
        asked += page.asked;
        differing += page.differing.len();
        let Some(last) = page.last else { break };
        after = last;
    }
    let versions = counted(asked, "version");
    if differing > 0 {
        return Err(format!("{differing} of {versions} of results are not what their rules give").into());
    }
    println!("results: {versions}, each one byte for byte what its rules give");
    Ok(())
}
