//! `lis-server backup --to DIR` and `lis-server restore --from DIR`

use std::path::PathBuf;

use clap::Args;

use super::Done;
use crate::config::Settings;
use crate::domain::clock::{Clock, SystemClock};
use crate::domain::text::counted;
use crate::files::Files;
use crate::upkeep::backup;
use crate::upkeep::restore::{aside, restore};

#[derive(Args, Debug)]
pub struct Backup {
    /// Folder of the backups, made when it is not there: each backup gets a folder of its own in it, stored files lie
    /// there once for all of them.
    #[arg(long, value_name = "DIR")]
    to: PathBuf,
}

impl Backup {
    pub fn run(self, settings: &Settings) -> Done {
        let config = settings.checked()?;
        let files = Files::reading(config.data.join(backup::FILES));
        let made = backup::make(&config, &files, &self.to, SystemClock.now())?;
        let manifest = &made.manifest;
        println!(
            "{}: {}, log {} whole up to position {}",
            made.place.display(),
            counted(manifest.files.len(), "file"),
            manifest.log.log_id,
            manifest.log.position
        );
        println!("SHA-256 of its manifest: {}", made.manifest_sha256);
        if manifest.lost.is_empty() {
            return Ok(());
        }
        let lost = manifest.lost.join("\n  ");
        Err(format!("files that the store has lost are not in the backup; look for them in older ones:\n  {lost}")
            .into())
    }
}

#[derive(Args, Debug)]
pub struct Restore {
    /// Folder of one backup, with the folder `files` of all of them beside it.
    #[arg(long, value_name = "DIR")]
    from: PathBuf,
}

impl Restore {
    pub fn run(self, settings: &Settings) -> Done {
        let config = settings.checked()?;
        let manifest = restore(&self.from, &config)?;
        println!(
            "{}: the laboratory of {}, {}, log {} whole up to position {}",
            config.database,
            manifest.made_at,
            counted(manifest.files.len(), "file"),
            manifest.log.log_id,
            manifest.log.position
        );
        for lost in &manifest.lost {
            println!("was lost before the backup: {lost}");
        }
        for part in &manifest.beside {
            let (name, kept, data) = (&part.name, aside(part), config.data.display());
            println!(
                "{name} was brought back as {data}/{kept}: no port is opened, and no instrument sends its results here. \
                 Where this laboratory takes the place of the old one, rename it to {name} and start the server anew."
            );
        }
        Ok(())
    }
}
