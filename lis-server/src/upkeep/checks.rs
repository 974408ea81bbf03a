//! The looks themselves: each answers what it found and never changes what it looks at.

use std::collections::BTreeMap;
use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;

use super::backup;
use super::manifest::Head;
use super::store;
use super::{Finding, Kind};
use crate::app::Lis;
use crate::audit::standing;
use crate::audit::verify::{self, Root};
use crate::domain::hash::sha256_of;
use crate::domain::ids::MessageId;
use crate::domain::refusal::{Fault, Outcome};
use crate::files::FileError;

/// What a look found.
#[derive(Clone, Debug)]
pub struct Looked {
    pub good: bool,
    /// Files or entries.
    pub count: usize,
    pub findings: Vec<Finding>,
    /// Of a log that is whole.
    pub head: Option<Head>,
}

/// Findings that are kept with a look; its count says how many things it looked at.
pub const FINDINGS_MOST: usize = 200;

impl Looked {
    /// A look that finds nothing but what is wrong.
    pub fn failing(count: usize, findings: Vec<Finding>) -> Self {
        Self { good: findings.is_empty(), count, findings, head: None }
    }

    fn broken(why: impl ToString) -> Self {
        Self::failing(0, vec![Finding::new("broken", why)])
    }
}

/// Looks at one thing. What breaks on the way is a finding too: somebody has to see it.
pub fn look_at(lis: &Lis, kind: Kind) -> Looked {
    let looked = match kind {
        Kind::Files => files(lis),
        Kind::Log => log(lis),
        Kind::Backup => match &lis.config.backup_to {
            Some(folder) => Ok(backed_up(lis, folder)),
            None => Ok(Looked::broken("LIS_BACKUP_TO is not set")),
        },
        Kind::Clock => super::clock::compared(lis),
    };
    looked.unwrap_or_else(Looked::broken)
}

/// Every stored file, and every file that the database names, and every message of an instrument against its hash.
fn files(lis: &Lis) -> Outcome<Looked> {
    let named: BTreeMap<String, String> = lis.db.read_now(|conn| Ok(store::named_files(conn)?))?.into_iter().collect();
    let mut all = lis.files.names()?;
    all.extend(named.keys().cloned());
    all.sort_unstable();
    all.dedup();
    let mut findings: Vec<Finding> = Vec::new();
    for sha256 in &all {
        let about = || format!("{sha256} {}", named.get(sha256).map_or("", String::as_str)).trim_end().to_owned();
        match lis.files.get(sha256) {
            Ok(_) => {}
            Err(FileError::Missing(_)) => findings.push(Finding::new("file-missing", about())),
            Err(FileError::Damaged(_)) => findings.push(Finding::new("file-damaged", about())),
            Err(error) => findings.push(Finding::new("broken", error)),
        }
    }
    let messages = messages(lis, &mut findings)?;
    Ok(Looked::failing(all.len() + messages, findings))
}

/// Messages that are read at a time: keeps long exports out of memory.
const PAGE: i64 = 100;

/// Looks at the messages of the instruments; how many there are.
fn messages(lis: &Lis, findings: &mut Vec<Finding>) -> Outcome<usize> {
    let (mut last, mut count) = (MessageId(0), 0);
    loop {
        let page = lis.db.read_now(|conn| Ok(store::messages_after(conn, last, PAGE)?))?;
        let Some((id, ..)) = page.last() else { return Ok(count) };
        last = *id;
        count += page.len();
        let damaged = page
            .iter()
            .filter(|(_, sha256, content)| !BASE64.decode(content).is_ok_and(|bytes| sha256_of(&bytes) == *sha256));
        findings.extend(damaged.map(|(id, ..)| Finding::new("message-damaged", id)));
    }
}

/// The whole chain of the log, whose root fixes everything up to now, and the tables beside what it says of them.
fn log(lis: &Lis) -> Outcome<Looked> {
    let (verified, standing) = lis.db.read_now(|conn| Ok((verify::verify(conn)?, standing::compared(conn)?)))?;
    let verified = match verified {
        Ok(verified) => verified,
        Err(damage) => return Ok(Looked::failing(0, vec![Finding::new("log-damaged", damage)])),
    };
    let count = usize::try_from(verified.entries).map_err(Fault::broken)?;
    let head = Head::from(verified);
    let root = Root { position: head.position, chain_hash: head.chain_hash.clone() };
    let good = standing.differences.is_empty();
    let differing = standing.differences.iter().map(|difference| Finding::new("table-differs", difference.place()));
    let findings = std::iter::once(Finding::new("log-root", root)).chain(differing).collect();
    Ok(Looked { good, count, findings, head: Some(head) })
}

fn backed_up(lis: &Lis, folder: &Path) -> Looked {
    let made = match backup::make(&lis.config, &lis.files, folder, lis.clock.real()) {
        Ok(made) => made,
        Err(error) => return Looked::broken(error),
    };
    let mut findings =
        vec![Finding::new("backup-made", made.place.display()), Finding::new("backup-manifest", made.manifest_sha256)];
    let lost = made.manifest.lost.iter();
    findings.extend(lost.map(|sha256| Finding::new("file-missing", sha256)));
    let removed = backup::remove_old(folder, lis.config.backup_keep);
    let good = made.manifest.lost.is_empty() && removed.is_ok();
    findings.extend(removed.err().map(|error| Finding::new("broken", error)));
    Looked { good, count: made.manifest.files.len(), findings, head: None }
}
