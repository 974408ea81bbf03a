//! `lis-server check-config`

use super::Done;
use crate::config::Settings;

pub fn run(settings: &Settings) -> Done {
    let config = settings.checked()?;
    println!("data directory        {}", config.data.display());
    println!("database              {}", config.database);
    println!("database connections  {}", config.database_connections);
    println!("laboratory name       {}", config.laboratory_name);
    println!("secure cookies        {}", config.secure_cookies);
    println!("laboratory address    {}", or_none(&config.laboratory_address));
    println!("laboratory contact    {}", or_none(&config.laboratory_contact));
    println!("public address        {}", config.public_url);
    println!("mail server           {}", config.smtp_url.as_deref().map_or_else(|| NONE.to_owned(), masked));
    println!("mail sender           {}", config.mail_from.as_deref().unwrap_or(NONE));
    println!(
        "templates             {}",
        config.templates.as_ref().map_or(NONE.into(), |path| path.display().to_string())
    );
    println!("fonts                 {}", config.fonts.as_ref().map_or(NONE.into(), |path| path.display().to_string()));
    Ok(())
}

const NONE: &str = "(not set)";

fn or_none(text: &str) -> &str {
    if text.is_empty() { NONE } else { text }
}

/// An address without its password.
fn masked(address: &str) -> String {
    match url::Url::parse(address) {
        Ok(mut url) if url.password().is_some() => match url.set_password(Some("***")) {
            Ok(()) => url.to_string(),
            Err(()) => "(hidden)".to_owned(),
        },
        Ok(url) => url.to_string(),
        Err(_) => "(unreadable)".to_owned(),
    }
}
